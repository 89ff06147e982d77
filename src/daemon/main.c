/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "config/config.h"
#include "control/control.h"
#include "daemon/commands.h"
#include "daemon/daemon.h"
#include "daemon/listener.h"
#include "daemon/pipeline.h"
#include "daemon/service.h"
#include "fetcher/fetcher.h"
#include "store/store.h"
#include "wire/wire.h"

/* CONTRACT 1 */
#define EXIT_FAULTS 1
#define EXIT_SOME_FAILED 3
#define EXIT_USAGE 64
#define EXIT_DATABASE 74
#define EXIT_IN_USE 75
#define EXIT_CONFIG 78

#define PASSED_SOCKETS 8
#define STATUS_INTERVAL 10 /* seconds between the lines that systemd shows */
#define STORE_PATIENCE (20 * MSEC_PER_SEC) /* then the watchdog goes hungry */

struct options {
	const char *config, *database, *socket;
	enum log_level level;
	bool check, once, has_level;
};

struct program {
	struct options options;
	struct daemon daemon;
	struct fetcher_child prepared;
	int sockets[PASSED_SOCKETS];
	int socket_count;
	bool bound; /* the socket is ours, not systemd's */
	struct event *store_event, *on_term, *on_int, *on_hup, *on_status,
	    *on_watchdog;
	int exit_code;
};

/* -- The command line ------------------------------------------------------------------ */

static void
usage(FILE *out)
{
	fputs("usage: gazetted [--config=FILE] [--database=FILE] [--socket=PATH]\n"
	      "                [--log-level=LEVEL] [--check | --once]\n"
	      "       gazetted --version | --help\n"
	      "\n"
	      "  --config=FILE      read FILE and FILE.d/*.conf\n"
	      "  --database=FILE    keep feeds and items there\n"
	      "  --socket=PATH      listen there for gazette\n"
	      "  --check            read the configuration, tell every fault\n"
	      "  --once             poll what is due, and exit\n"
	      "  --log-level=LEVEL  error, warning, info or debug\n"
	      "\n"
	      "See gazetted(8).\n",
	    out);
}

/* -1: go on; else the exit status. */
static int
read_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"database", required_argument, NULL, 'd'},
	    {"socket", required_argument, NULL, 's'},
	    {"log-level", required_argument, NULL, 'l'},
	    {"check", no_argument, NULL, 'k'},
	    {"once", no_argument, NULL, 'o'},
	    {"version", no_argument, NULL, 'v'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", table, NULL)) != -1) {
		switch (c) {
		case 'c':
			options->config = optarg;
			break;
		case 'd':
			options->database = optarg;
			break;
		case 's':
			options->socket = optarg;
			break;
		case 'l':
			if (log_level_parse(optarg, &options->level) < 0) {
				fprintf(stderr,
				    "gazetted: --log-level: error, warning, info or "
				    "debug, not \"%s\"\n",
				    optarg);
				return EXIT_USAGE;
			}
			options->has_level = true;
			break;
		case 'k':
			options->check = true;
			break;
		case 'o':
			options->once = true;
			break;
		case 'v':
			puts("gazetted " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr,
		    "gazetted: what is \"%s\"? Feeds are added with "
		    "gazette feed add URL\n",
		    argv[optind]);
		return EXIT_USAGE;
	}
	if (options->check && options->once) {
		fputs("gazetted: --check or --once, not both\n", stderr);
		return EXIT_USAGE;
	}
	return -1;
}

/* -- The steps of starting, each with its way back ----------------------------------- */

static void
print_fault(const char *file, unsigned line, const char *message, void *arg)
{
	(void)arg;
	if (line > 0)
		fprintf(stderr, "%s:%u: %s\n", file, line, message);
	else
		fprintf(stderr, "%s: %s\n", file, message);
}

static void
log_fault(const char *file, unsigned line, const char *message, void *arg)
{
	(void)arg;
	if (line > 0)
		log_error("%s:%u: %s", file, line, message);
	else
		log_error("%s: %s", file, message);
}

static int
start_config(struct program *program)
{
	struct daemon *daemon = &program->daemon;

	if (config_read(daemon->places.config, daemon->places.config_given,
		log_fault, NULL, &daemon->settings) < 0) {
		log_error("the configuration has faults: not started");
		return EXIT_CONFIG;
	}
	daemon->level_is_given = program->options.has_level;
	log_level_set(daemon->level_is_given ? program->options.level
					     : daemon->settings->log_level);
	return 0;
}

static void
stop_config(struct program *program)
{
	config_free(program->daemon.settings);
}

/* Before the program's file can be replaced by an upgrade. */
static int
start_fetcher(struct program *program)
{
	int r = fetcher_prepare(&program->prepared);

	if (r == 0)
		return 0;
	log_error("cannot open our own program: %s", strerror(-r));
	return EXIT_DATABASE;
}

static void
stop_fetcher(struct program *program)
{
	fetcher_done(&program->prepared);
}

static int
exit_of_store(int error)
{
	switch (error) {
	case -EBUSY:
		return EXIT_IN_USE;
	case -EPROTO:
		return EXIT_CONFIG;
	default:
		return EXIT_DATABASE;
	}
}

static int
start_store(struct program *program)
{
	static const struct store_options options = {0};
	struct daemon *daemon = &program->daemon;
	struct buf reason = {0};
	int r;

	r = places_make_parent(daemon->places.database);
	if (r < 0) {
		log_error("%s: cannot make its directory: %s; make it, or give "
			  "another place with --database",
		    daemon->places.database, strerror(-r));
		return EXIT_DATABASE;
	}
	service_patience_begin();
	r = store_open(daemon->places.database, &options, &daemon->store, &reason);
	service_patience_end();
	if (r < 0)
		log_error("%s", reason.len > 0 ? reason.data : strerror(-r));
	buf_done(&reason);
	return r < 0 ? exit_of_store(r) : 0;
}

static void
stop_store(struct program *program)
{
	store_close(program->daemon.store);
}

/* With the database ours, a socket file that nobody answers on is a leftover. */
static int
start_socket(struct program *program)
{
	struct daemon *daemon = &program->daemon;
	struct buf reason = {0};
	int r;

	if (program->options.once)
		return 0;
	r = service_sockets(program->sockets, PASSED_SOCKETS);
	if (r < 0) {
		log_error("the sockets that systemd passed are no stream sockets of "
			  "ours: %s",
		    strerror(-r));
		return EXIT_USAGE;
	}
	program->socket_count = r;
	if (r > 0)
		return 0;
	r = listener_open(daemon->places.socket, daemon->settings->group, &reason);
	if (r < 0) {
		log_error("%s", buf_text(&reason));
		buf_done(&reason);
		return EXIT_IN_USE;
	}
	buf_done(&reason);
	program->sockets[0] = r;
	program->socket_count = 1;
	program->bound = true;
	return 0;
}

static void
stop_socket(struct program *program)
{
	int i;

	for (i = 0; program->daemon.control == NULL && i < program->socket_count;
	    i++)
		close(program->sockets[i]); /* else it was the control's */
	if (program->bound)
		listener_close(program->daemon.places.socket);
}

static void
on_store(evutil_socket_t fd, short what, void *arg)
{
	struct program *program = arg;

	(void)fd;
	(void)what;
	store_dispatch(program->daemon.store);
}

static int
start_loop(struct program *program)
{
	struct daemon *daemon = &program->daemon;
	size_t i;

	daemon->base = event_base_new();
	if (daemon->base == NULL || event_base_priority_init(daemon->base, 1) < 0) {
		log_error("cannot make an event loop: %s", strerror(errno));
		return EXIT_DATABASE;
	}
	program->store_event = event_new(daemon->base, store_fd(daemon->store),
	    EV_READ | EV_PERSIST, on_store, program);
	(void)event_add(program->store_event, NULL);
	for (i = 0; i < DAEMON_VIEWS; i++)
		daemon->views[i] = (struct view){
		    .fields = (unsigned)i, .uuid = store_uuid(daemon->store)};
	return 0;
}

static void
stop_loop(struct program *program)
{
	event_free(program->store_event);
	event_base_free(program->daemon.base);
}

static void
log_note(const struct edit_note *note)
{
	if (note->warns)
		log_warn("%s", note->text);
	else
		log_info("%s", note->text);
}

struct sync {
	struct edit edit;
	bool done;
	int error;
};

static void
on_synced(void *arg, const struct edit_result *result)
{
	struct sync *sync = arg;
	size_t i;

	sync->done = true;
	sync->error = result->error;
	for (i = 0; i < result->note_count; i++)
		log_note(&result->notes[i]);
	if (result->error != 0)
		log_error("cannot take over the feeds of the configuration: %s",
		    result->message != NULL ? result->message
					    : strerror(-result->error));
}

/* The feeds of files are in the database before anything is polled. */
static int
start_feeds(struct program *program)
{
	struct daemon *daemon = &program->daemon;
	struct sync sync = {.edit = {.kind = EDIT_SYNC_FEEDS,
				.uid = geteuid(),
				.now = clock_wall(),
				.settings = daemon->settings}};
	int r = store_edit(daemon->store, &sync.edit, on_synced, &sync);

	while (r == 0 && !sync.done) {
		store_flush(daemon->store);
		store_dispatch(daemon->store);
	}
	return r < 0 || sync.error != 0 ? EXIT_DATABASE : 0;
}

static void
on_commit(void *arg, int64_t head)
{
	struct program *program = arg;

	(void)head;
	commands_follow_wake(&program->daemon);
}

static void
on_idle(void *arg)
{
	struct program *program = arg;

	(void)event_base_loopexit(program->daemon.base, NULL);
}

static int
start_pipeline(struct program *program)
{
	struct daemon *daemon = &program->daemon;
	const struct pipeline_options options = {.base = daemon->base,
	    .store = daemon->store,
	    .settings = daemon->settings,
	    .prepared = &program->prepared,
	    .config = daemon->places.config,
	    .database = daemon->places.database,
	    .socket = daemon->places.socket,
	    .once = program->options.once};

	daemon->pipeline = pipeline_new(&options);
	pipeline_on_commit(daemon->pipeline, on_commit, program);
	if (program->options.once)
		pipeline_on_idle(daemon->pipeline, on_idle, program);
	pipeline_start(daemon->pipeline);
	return 0;
}

static void
stop_pipeline(struct program *program)
{
	struct pipeline_stats stats;

	pipeline_stats(program->daemon.pipeline, &stats);
	if (program->options.once && stats.failures > 0)
		program->exit_code = EXIT_SOME_FAILED;
	pipeline_free(program->daemon.pipeline);
}

static int
start_control(struct program *program)
{
	static const char *const interfaces[] = {"org.varlink.service",
	    wire_interface_service, "org.gazetted", wire_interface_gazetted, NULL};
	struct daemon *daemon = &program->daemon;
	const struct settings *settings = daemon->settings;
	const struct control_options options = {.interfaces = interfaces,
	    .vendor = "gazetted",
	    .product = "gazetted",
	    .version = PACKAGE_VERSION,
	    .url = "https://gazetted.org/",
	    .methods = commands_methods,
	    .method_count = commands_method_count,
	    .service_uid = geteuid(),
	    .group = settings->group,
	    .admin_group = settings->admin_group,
	    .max_clients = settings->max_clients,
	    .max_clients_per_uid = settings->max_clients_per_uid};
	int i, r;

	daemon->status = commands_status_new(daemon);
	if (program->socket_count == 0)
		return 0; /* --once */
	r = control_new(
	    daemon->base, program->sockets[0], &options, daemon, &daemon->control);
	for (i = 1; r == 0 && i < program->socket_count; i++)
		r = control_listen(daemon->control, program->sockets[i]);
	if (r < 0) {
		log_error("cannot serve the control socket: %s", strerror(-r));
		return EXIT_IN_USE;
	}
	return 0;
}

static void
stop_control(struct program *program)
{
	control_free(program->daemon.control);
	commands_status_free(program->daemon.status);
}

/* -- Signals and timers ----------------------------------------------------------------- */

static void
on_stop(evutil_socket_t number, short what, void *arg)
{
	struct program *program = arg;

	(void)what;
	log_info("stopping (%s)", number == SIGTERM ? "SIGTERM" : "SIGINT");
	service_stopping();
	(void)event_base_loopexit(program->daemon.base, NULL);
}

static void
on_reloaded(void *arg, const struct daemon_reloaded *result)
{
	size_t i;

	(void)arg;
	for (i = 0; i < result->count; i++) {
		if (result->refused)
			log_error("%s", result->lines[i].text);
		else
			log_note(&result->lines[i]);
	}
}

static void
on_hangup(evutil_socket_t number, short what, void *arg)
{
	struct program *program = arg;

	(void)number;
	(void)what;
	daemon_reload(&program->daemon, on_reloaded, program);
}

static void
on_status_timer(evutil_socket_t fd, short what, void *arg)
{
	struct program *program = arg;

	(void)fd;
	(void)what;
	commands_status_refresh(program->daemon.status);
}

/* Here the loop has turned; the writer must have come on too, or know why not.  A
 * fetcher that hangs is replaced, and is no reason to die. */
static void
on_watchdog_timer(evutil_socket_t fd, short what, void *arg)
{
	struct program *program = arg;
	struct store *store = program->daemon.store;

	(void)fd;
	(void)what;
	if (store_stalled(store) < STORE_PATIENCE || store_trouble(store) != NULL)
		service_watchdog();
}

static int
start_events(struct program *program)
{
	struct event_base *base = program->daemon.base;
	const struct timeval often = {.tv_sec = STATUS_INTERVAL};
	msec_t watchdog = service_watchdog_interval() / 3;
	struct timeval tv = {.tv_sec = watchdog / MSEC_PER_SEC,
	    .tv_usec = watchdog % MSEC_PER_SEC * 1000};

	(void)signal(SIGPIPE, SIG_IGN); /* a client that went is an EPIPE */
	program->on_term = evsignal_new(base, SIGTERM, on_stop, program);
	program->on_int = evsignal_new(base, SIGINT, on_stop, program);
	program->on_hup = evsignal_new(base, SIGHUP, on_hangup, program);
	program->on_status =
	    event_new(base, -1, EV_PERSIST, on_status_timer, program);
	program->on_watchdog =
	    event_new(base, -1, EV_PERSIST, on_watchdog_timer, program);
	(void)event_add(program->on_term, NULL);
	(void)event_add(program->on_int, NULL);
	(void)event_add(program->on_hup, NULL);
	(void)event_add(program->on_status, &often);
	if (watchdog > 0)
		(void)event_add(program->on_watchdog, &tv);
	return 0;
}

static void
stop_events(struct program *program)
{
	event_free(program->on_term);
	event_free(program->on_int);
	event_free(program->on_hup);
	event_free(program->on_status);
	event_free(program->on_watchdog);
}

/* -- All together ---------------------------------------------------------------------------- */

/* What is started last is stopped first.  Stopping the control before the pipeline
 * leaves no call that could be answered by what is gone. */
static const struct step {
	int (*start)(struct program *program); /* 0, or the exit status */
	void (*stop)(struct program *program);
} steps[] = {
    {start_config, stop_config},
    {start_fetcher, stop_fetcher},
    {start_store, stop_store},
    {start_socket, stop_socket},
    {start_loop, stop_loop},
    {start_feeds, NULL},
    {start_pipeline, stop_pipeline},
    {start_control, stop_control},
    {start_events, stop_events},
};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

static void
serve(struct program *program)
{
	if (!program->options.once) {
		service_ready();
		commands_status_refresh(program->daemon.status);
		log_info("gazetted " PACKAGE_VERSION " runs; database %s, socket %s",
		    program->daemon.places.database,
		    program->bound ? program->daemon.places.socket : "from systemd");
	}
	(void)event_base_dispatch(program->daemon.base);
	if (program->daemon.control != NULL)
		control_stop(program->daemon.control);
	pipeline_drain(program->daemon.pipeline);
}

static int
run(struct program *program)
{
	size_t done = 0;

	for (; done < STEPS && program->exit_code == 0; done++)
		program->exit_code = steps[done].start(program);
	if (program->exit_code == 0)
		serve(program);
	else
		done--; /* the step that failed has undone itself */
	while (done-- > 0) {
		if (steps[done].stop != NULL)
			steps[done].stop(program);
	}
	return program->exit_code;
}

static int
check(const struct places *places)
{
	struct settings *settings;

	if (config_read(places->config, true, print_fault, NULL, &settings) < 0)
		return EXIT_FAULTS;
	config_free(settings);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	static struct program program;
	int r;

	if (fetcher_is_me())
		return fetcher_main();
	r = read_options(argc, argv, &program.options);
	if (r >= 0)
		return r;
	(void)mallopt(M_ARENA_MAX, 2); /* THREATS 55: few threads, little waste */
	program.daemon.started = clock_mono();
	places_find(&program.daemon.places, program.options.config,
	    program.options.database, program.options.socket);
	if (program.options.check) {
		r = check(&program.daemon.places);
	} else {
		service_log_open();
		r = run(&program);
	}
	places_done(&program.daemon.places);
	return r;
}
