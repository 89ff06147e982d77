/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "config/config.h"
#include "control/control.h"
#include "daemon/commands.h"
#include "daemon/daemon.h"
#include "daemon/pipeline.h"
#include "daemon/service.h"
#include "model/edit.h"
#include "store/store.h"

/* One reading of the configuration.  The old settings stay in force until the
 * feeds are in the database. */
struct reload {
	struct daemon *daemon;
	daemon_reload_fn *fn;
	void *arg;
	struct settings *settings;
	struct edit edit;
	struct edit_note *lines; /* ours */
	size_t count;
};

static void
add_line(struct reload *reload, char *line, bool warns)
{
	reload->lines =
	    xrealloc(reload->lines, (reload->count + 1) * sizeof(*reload->lines));
	reload->lines[reload->count++] =
	    (struct edit_note){.text = line, .warns = warns};
}

static void
on_fault(const char *file, unsigned line, const char *message, void *arg)
{
	if (line > 0)
		add_line(arg, xasprintf("%s:%u: %s", file, line, message), true);
	else
		add_line(arg, xasprintf("%s: %s", file, message), true);
}

/* What the sections say otherwise; the store has told of the feeds. */
static void
tell_changes(struct reload *reload)
{
	struct buf lines = {0};
	char *line, *rest;

	config_changes(reload->daemon->settings, reload->settings, &lines);
	for (line = lines.data; line != NULL && *line != '\0'; line = rest) {
		rest = line + strcspn(line, "\n") + 1;
		rest[-1] = '\0';
		add_line(reload, xstrdup(line), false);
	}
	buf_done(&lines);
}

static void
finish(struct reload *reload, bool refused)
{
	const struct daemon_reloaded result = {
	    .refused = refused, .lines = reload->lines, .count = reload->count};
	size_t i;

	if (refused)
		log_error(
		    "the configuration was not taken: %zu fault%s; the old one "
		    "stays in force",
		    reload->count, reload->count == 1 ? "" : "s");
	else
		log_info("the configuration was read again");
	service_ready(); /* also after a refusal: we run as before */
	reload->fn(reload->arg, &result);
	for (i = 0; i < reload->count; i++)
		free((char *)reload->lines[i].text);
	free(reload->lines);
	free(reload);
}

static void
take_effect(struct reload *reload)
{
	struct daemon *daemon = reload->daemon;
	struct settings *old = daemon->settings;

	daemon->settings = reload->settings;
	if (!daemon->level_is_given)
		log_level_set(daemon->settings->log_level);
	pipeline_reload(daemon->pipeline, daemon->settings);
	if (daemon->control != NULL)
		control_configure(daemon->control, daemon->settings->group,
		    daemon->settings->admin_group, daemon->settings->max_clients,
		    daemon->settings->max_clients_per_uid);
	config_free(old);
	commands_follow_wake(daemon);
}

static void
on_synced(void *arg, const struct edit_result *result)
{
	struct reload *reload = arg;
	size_t i;

	if (result->error != 0) {
		add_line(reload,
		    xasprintf("the database cannot take it: %s",
			result->message != NULL ? result->message
						: strerror(-result->error)),
		    true);
		config_free(reload->settings);
		finish(reload, true);
		return;
	}
	tell_changes(reload);
	for (i = 0; i < result->note_count; i++)
		add_line(
		    reload, xstrdup(result->notes[i].text), result->notes[i].warns);
	take_effect(reload);
	finish(reload, false);
}

void
daemon_reload(struct daemon *daemon, daemon_reload_fn *fn, void *arg)
{
	struct reload *reload = xcalloc(1, sizeof(*reload));
	int r;

	service_reloading();
	reload->daemon = daemon;
	reload->fn = fn;
	reload->arg = arg;
	if (config_read(daemon->places.config, daemon->places.config_given, on_fault,
		reload, &reload->settings) < 0) {
		finish(reload, true);
		return;
	}
	reload->edit = (struct edit){.kind = EDIT_SYNC_FEEDS,
	    .uid = geteuid(),
	    .now = clock_wall(),
	    .settings = reload->settings};
	r = store_edit(daemon->store, &reload->edit, on_synced, reload);
	if (r < 0)
		on_synced(reload, &(struct edit_result){.error = r});
}
