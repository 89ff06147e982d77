/* SPDX-License-Identifier: ISC */
#include "fetch/sessions.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/xalloc.h"

struct server {
	TAILQ_ENTRY(server) entry;
	char *name;
	msec_t asked; /* monotonic */
	CURLSH *share;
};

struct sessions {
	struct map *by_name;
	TAILQ_HEAD(, server) servers; /* least recently asked first */
};

struct sessions *
sessions_new(void)
{
	struct sessions *sessions = xcalloc(1, sizeof(*sessions));

	sessions->by_name = map_new();
	TAILQ_INIT(&sessions->servers);
	return sessions;
}

/* Not while a handle uses it. */
static bool
forget(struct sessions *sessions, struct server *server)
{
	if (curl_share_cleanup(server->share) != CURLSHE_OK)
		return false;
	(void)map_remove_text(sessions->by_name, server->name);
	TAILQ_REMOVE(&sessions->servers, server, entry);
	free(server->name);
	free(server);
	return true;
}

/* Polls go round: if the one that was asked longest ago made room, it would be the next
 * that is asked, and nobody would ever resume anything.  So a newcomer waits until some
 * server is not asked any more. */
static bool
has_room(struct sessions *sessions, msec_t now)
{
	struct server *oldest = TAILQ_FIRST(&sessions->servers);

	if (map_count(sessions->by_name) < LIMIT_SESSIONS)
		return true;
	return now - oldest->asked > LIMIT_SESSION_MSEC && forget(sessions, oldest);
}

static struct server *
remember(struct sessions *sessions, const char *name)
{
	CURLSH *share = curl_share_init();
	struct server *server;

	if (share == NULL)
		return NULL;
	(void)curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	server = xcalloc(1, sizeof(*server));
	server->name = xstrdup(name);
	server->share = share;
	(void)map_put_text(sessions->by_name, name, server);
	TAILQ_INSERT_TAIL(&sessions->servers, server, entry);
	return server;
}

CURLSH *
sessions_of(struct sessions *sessions, const char *name)
{
	struct server *server = map_find_text(sessions->by_name, name);
	msec_t now = clock_mono();

	if (server == NULL && has_room(sessions, now))
		server = remember(sessions, name);
	if (server == NULL)
		return NULL;
	TAILQ_REMOVE(&sessions->servers, server, entry);
	TAILQ_INSERT_TAIL(&sessions->servers, server, entry);
	server->asked = now;
	return server->share;
}

void
sessions_free(struct sessions *sessions)
{
	struct server *server, *next;

	if (sessions == NULL)
		return;
	for (server = TAILQ_FIRST(&sessions->servers); server != NULL;
	    server = next) {
		next = TAILQ_NEXT(server, entry);
		(void)forget(sessions, server);
	}
	map_free(sessions->by_name);
	free(sessions);
}
