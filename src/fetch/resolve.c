/* SPDX-License-Identifier: ISC */
#include "fetch/resolve.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mailbox.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "fetch/hosts.h"

/* Eight of libc's 8 MiB would use up the fetcher's RLIMIT_DATA. */
#define STACK_BYTES (512u << 10)

/* What a thread is given and gives back: it shares nothing else. */
struct question {
	char *host;
	struct resolve_answer answer;
	char *addresses;
	struct worker *worker;
};

struct worker {
	pthread_t thread;
	struct mailbox *in;  /* its own: one question, or the stop */
	struct mailbox *out; /* all workers': to the loop */
	struct name *busy_with;
};

struct lookup {
	TAILQ_ENTRY(lookup) entry;
	struct name *name;
	resolve_fn *fn;
	void *arg;
};

/* A name that is being asked for, or whose answer is kept. */
struct name {
	TAILQ_ENTRY(name) entry; /* in `waiting` */
	TAILQ_HEAD(, lookup) lookups;
	char *host;
	const char *domain; /* the last two labels, within host */
	enum { NAME_WAITING, NAME_RUNNING, NAME_KEPT } state;
	struct crew *crew;
	msec_t since;    /* mono: in a thread; 0: not yet */
	bool is_telling; /* its lookups hear of it just now */
	struct resolve_answer answer;
	char *addresses;
	msec_t keep_until; /* mono */
};

/* Some threads, and who waits for one. */
struct crew {
	struct resolver *resolver;
	TAILQ_HEAD(, name) waiting; /* oldest first */
	struct worker *workers[LIMIT_RESOLVERS];
	unsigned count, most;
	unsigned silent; /* look-ups in a row that nobody answered */
	int error;       /* errno of the last thread that could not be started */
};

struct resolver {
	struct map *names; /* host -> struct name */
	struct crew far;   /* for names that may need a name server */
	struct crew near;  /* for those of the hosts file */
	struct mailbox *out;
	struct event *answered;
	struct event *hang; /* while names wait for the near one */
};

/* -- The threads -------------------------------------------------------------- */

static char *
list_addresses(const struct addrinfo *info)
{
	struct buf list = {0};
	char text[NI_MAXHOST];
	unsigned count = 0;

	for (; info != NULL && count < LIMIT_ADDRESSES; info = info->ai_next) {
		bool is_v6 = info->ai_family == AF_INET6;

		if (getnameinfo(info->ai_addr, info->ai_addrlen, text, sizeof(text),
			NULL, 0, NI_NUMERICHOST) != 0 ||
		    strchr(text, '%') != NULL) /* a zone: no way to say it */
			continue;
		buf_printf(
		    &list, is_v6 ? "%s[%s]" : "%s%s", count > 0 ? "," : "", text);
		count++;
	}
	return buf_steal(&list);
}

static void
look_up(struct question *question)
{
	const struct addrinfo want = {
	    .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *info = NULL;

	question->answer.error = getaddrinfo(question->host, NULL, &want, &info);
	question->answer.sys_errno = errno;
	if (question->answer.error != 0)
		return;
	question->addresses = list_addresses(info);
	if (question->addresses == NULL)
		question->answer.error = EAI_NONAME;
	freeaddrinfo(info);
}

static void *
work(void *arg)
{
	struct worker *worker = arg;
	struct question *question;

	for (;;) {
		question = mailbox_wait(worker->in, -1);
		if (question == NULL)
			continue;
		if (question->host == NULL)
			return question;
		look_up(question);
		/* Cannot be full: it has room for one of each worker. */
		(void)mailbox_post(worker->out, question);
	}
}

static struct worker *
worker_start(struct crew *crew)
{
	struct worker *worker = xcalloc(1, sizeof(*worker));
	pthread_attr_t attr;
	sigset_t all, before;
	int r;

	worker->out = crew->resolver->out;
	/* A question and the stop behind it. */
	r = mailbox_new(2, &worker->in);
	if (r < 0) {
		crew->error = -r;
		free(worker);
		return NULL;
	}
	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES); /* else the default */
	r = pthread_create(&worker->thread, &attr, work, worker);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r != 0) {
		crew->error = r;
		mailbox_free(worker->in);
		free(worker);
		return NULL;
	}
	crew->workers[crew->count++] = worker;
	return worker;
}

static void
worker_stop(struct worker *worker)
{
	struct question stop = {0};

	(void)mailbox_post(worker->in, &stop); /* there is room: see worker_start */
	pthread_join(worker->thread, NULL);
	mailbox_free(worker->in);
	free(worker);
}

/* An idle worker, or a new one; NULL when all are busy. */
static struct worker *
worker_idle(struct crew *crew)
{
	unsigned i;

	for (i = 0; i < crew->count; i++) {
		if (crew->workers[i]->busy_with == NULL)
			return crew->workers[i];
	}
	return crew->count < crew->most ? worker_start(crew) : NULL;
}

/* -- The loop's side ---------------------------------------------------------- */

static const char *
domain_of(const char *host)
{
	const char *p = host + strlen(host);
	int dots = 0;

	if (p > host && p[-1] == '.')
		p--;
	for (; p > host; p--) {
		if (p[-1] == '.' && ++dots == 2)
			break;
	}
	return p;
}

static struct name *
name_new(struct resolver *resolver, const char *host)
{
	struct name *name = xcalloc(1, sizeof(*name));

	name->crew = hosts_has(host) ? &resolver->near : &resolver->far;
	name->host = xstrdup(host);
	name->domain = domain_of(name->host);
	TAILQ_INIT(&name->lookups);
	map_put_text(resolver->names, host, name);
	return name;
}

static void
name_free(struct resolver *resolver, struct name *name)
{
	assert(TAILQ_EMPTY(&name->lookups));
	map_remove_text(resolver->names, name->host);
	free(name->addresses);
	free(name->host);
	free(name);
}

static unsigned
running_of_domain(const struct crew *crew, const char *domain)
{
	const struct name *name;
	unsigned i, count = 0;

	for (i = 0; i < crew->count; i++) {
		name = crew->workers[i]->busy_with;
		if (name != NULL && strcasecmp(name->domain, domain) == 0)
			count++;
	}
	return count;
}

static void
run(struct worker *worker, struct name *name)
{
	struct question *question = xcalloc(1, sizeof(*question));

	question->host = xstrdup(name->host);
	question->worker = worker;
	worker->busy_with = name;
	name->since = clock_mono();
	name->state = NAME_RUNNING;
	(void)mailbox_post(worker->in, question); /* empty: the worker is idle */
}

/* Names of the hosts file wait, while the look-up of another one takes its time: then
 * that file is not what is asked first here (nsswitch.conf). */
static void
watch_for_hang(struct resolver *resolver)
{
	const struct timeval tv = {.tv_sec = LIMIT_RESOLVER_HANG_MSEC / 1000};

	if (TAILQ_EMPTY(&resolver->near.waiting))
		(void)event_del(resolver->hang);
	else if (!event_pending(resolver->hang, EV_TIMEOUT, NULL))
		(void)event_add(resolver->hang, &tv);
}

/* Give waiting names to idle threads. */
static void
dispatch(struct crew *crew)
{
	struct name *name, *next;
	struct worker *worker;

	for (name = TAILQ_FIRST(&crew->waiting); name != NULL; name = next) {
		next = TAILQ_NEXT(name, entry);
		if (running_of_domain(crew, name->domain) >=
		    LIMIT_RESOLVERS_PER_DOMAIN)
			continue;
		worker = worker_idle(crew);
		if (worker == NULL)
			break;
		TAILQ_REMOVE(&crew->waiting, name, entry);
		run(worker, name);
	}
	watch_for_hang(crew->resolver);
	/* Not even one thread could be made: on_answered tells them. */
	if (crew == &crew->resolver->far && crew->count == 0 &&
	    !TAILQ_EMPTY(&crew->waiting))
		event_active(crew->resolver->answered, EV_READ, 0);
}

static void
sweep(struct resolver *resolver, msec_t now)
{
	struct name *name;
	size_t place = 0;

	while ((name = map_next(resolver->names, &place)) != NULL) {
		if (name->state == NAME_KEPT && name->keep_until <= now)
			name_free(resolver, name);
	}
}

/* Tell all who wait.  They may ask again, or cancel one another, meanwhile. */
static void
tell(struct name *name)
{
	struct lookup *lookup;

	name->is_telling = true;
	while ((lookup = TAILQ_FIRST(&name->lookups)) != NULL) {
		TAILQ_REMOVE(&name->lookups, lookup, entry);
		lookup->fn(lookup->arg, &name->answer);
		free(lookup);
	}
	name->is_telling = false;
}

static void
settle(struct resolver *resolver, struct name *name, struct question *question)
{
	msec_t now = clock_mono();

	if (map_count(resolver->names) > LIMIT_NAMES_KEPT)
		sweep(resolver, now);
	name->answer = question->answer;
	name->addresses = question->addresses;
	name->answer.addresses = name->addresses;
	name->state = NAME_KEPT;
	name->keep_until = now +
	    (name->answer.error == 0 ? LIMIT_NAME_MSEC : LIMIT_NAME_FAILED_MSEC);
	tell(name);
	if (map_count(resolver->names) > LIMIT_NAMES_KEPT)
		name_free(resolver, name);
}

/* Who waits for a thread hears this. */
static void
answer_all(struct crew *crew, struct resolve_answer answer)
{
	struct question question = {.answer = answer};
	struct name *name;
	size_t count = 0;

	TAILQ_FOREACH(name, &crew->waiting, entry)
	count++; /* not those that come meanwhile */
	while (count-- > 0 && (name = TAILQ_FIRST(&crew->waiting)) != NULL) {
		TAILQ_REMOVE(&crew->waiting, name, entry);
		settle(crew->resolver, name, &question);
	}
}

/* One silence may be one domain's; two rounds of all threads without a word are the
 * name server's, and who waits for a thread need not ask it. */
static void
note_silence(struct crew *crew, const struct name *name, int error)
{
	if (error != EAI_AGAIN ||
	    clock_mono() - name->since < LIMIT_RESOLVER_HANG_MSEC) {
		crew->silent = 0;
		return;
	}
	if (++crew->silent >= 2 * crew->most)
		answer_all(crew, (struct resolve_answer){.error = EAI_AGAIN});
}

static void
on_answered(evutil_socket_t fd, short what, void *arg)
{
	struct resolver *resolver = arg;
	struct question *question;
	struct name *name;

	(void)fd;
	(void)what;
	while ((question = mailbox_take(resolver->out)) != NULL) {
		name = question->worker->busy_with;
		question->worker->busy_with = NULL;
		note_silence(name->crew, name, question->answer.error);
		settle(resolver, name, question);
		free(question->host);
		free(question);
	}
	dispatch(&resolver->far);
	dispatch(&resolver->near);
	if (resolver->far.count == 0)
		answer_all(&resolver->far,
		    (struct resolve_answer){.error = EAI_SYSTEM,
			.sys_errno = resolver->far.error,
			.no_thread = true});
}

static void
on_hang(evutil_socket_t fd, short what, void *arg)
{
	struct resolver *resolver = arg;
	struct name *name;

	(void)fd;
	(void)what;
	while ((name = TAILQ_FIRST(&resolver->near.waiting)) != NULL) {
		TAILQ_REMOVE(&resolver->near.waiting, name, entry);
		TAILQ_INSERT_TAIL(&resolver->far.waiting, name, entry);
		name->crew = &resolver->far;
	}
	dispatch(&resolver->far);
}

static void
crew_init(struct resolver *resolver, struct crew *crew, unsigned most)
{
	crew->resolver = resolver;
	crew->most = most;
	TAILQ_INIT(&crew->waiting);
}

static void
crew_done(struct crew *crew)
{
	unsigned i;

	for (i = 0; i < crew->count; i++)
		worker_stop(crew->workers[i]);
}

int
resolve_new(struct event_base *base, struct resolver **ret_resolver)
{
	struct resolver *resolver = xcalloc(1, sizeof(*resolver));
	int r;

	r = mailbox_new(LIMIT_RESOLVERS + 1, &resolver->out);
	if (r < 0)
		goto fail;
	resolver->answered = event_new(base, mailbox_fd(resolver->out),
	    EV_READ | EV_PERSIST, on_answered, resolver);
	if (resolver->answered == NULL || event_add(resolver->answered, NULL) < 0) {
		r = -ENOMEM;
		goto fail_box;
	}
	resolver->hang = event_new(base, -1, 0, on_hang, resolver);
	if (resolver->hang == NULL) {
		r = -ENOMEM;
		goto fail_box;
	}
	crew_init(resolver, &resolver->far, LIMIT_RESOLVERS);
	crew_init(resolver, &resolver->near, 1);
	resolver->names = map_new();
	*ret_resolver = resolver;
	return 0;

fail_box:
	if (resolver->answered != NULL)
		event_free(resolver->answered);
	mailbox_free(resolver->out);
fail:
	free(resolver);
	return r;
}

void
resolve_free(struct resolver *resolver)
{
	struct question *question;
	struct name *name;
	size_t place = 0;

	if (resolver == NULL)
		return;
	crew_done(&resolver->far);
	crew_done(&resolver->near);
	while ((question = mailbox_take(resolver->out)) != NULL) {
		free(question->addresses);
		free(question->host);
		free(question);
	}
	while ((name = map_next(resolver->names, &place)) != NULL)
		name_free(resolver, name);
	map_free(resolver->names);
	event_free(resolver->answered);
	event_free(resolver->hang);
	mailbox_free(resolver->out);
	free(resolver);
}

const struct resolve_answer *
resolve_known(struct resolver *resolver, const char *host, msec_t now)
{
	struct name *name = map_find_text(resolver->names, host);

	if (name == NULL || name->state != NAME_KEPT)
		return NULL;
	if (name->keep_until > now)
		return &name->answer;
	if (!name->is_telling)
		name_free(resolver, name);
	return NULL;
}

struct lookup *
resolve_ask(struct resolver *resolver, const char *host, resolve_fn *fn, void *arg)
{
	struct name *name = map_find_text(resolver->names, host);
	struct lookup *lookup = xcalloc(1, sizeof(*lookup));

	if (name == NULL) {
		name = name_new(resolver, host);
		name->state = NAME_WAITING;
		TAILQ_INSERT_TAIL(&name->crew->waiting, name, entry);
	}
	lookup->name = name;
	lookup->fn = fn;
	lookup->arg = arg;
	TAILQ_INSERT_TAIL(&name->lookups, lookup, entry);
	dispatch(name->crew);
	return lookup;
}

void
resolve_cancel(struct lookup *lookup)
{
	struct name *name = lookup->name;

	TAILQ_REMOVE(&name->lookups, lookup, entry);
	free(lookup);
	if (name->state == NAME_WAITING && TAILQ_EMPTY(&name->lookups)) {
		TAILQ_REMOVE(&name->crew->waiting, name, entry);
		name_free(name->crew->resolver, name);
	}
}

msec_t
resolve_began(const struct lookup *lookup, msec_t now)
{
	return lookup->name->state == NAME_WAITING ? now : lookup->name->since;
}

void
resolve_forget(struct resolver *resolver, const char *host)
{
	struct name *name = map_find_text(resolver->names, host);

	if (name != NULL && name->state == NAME_KEPT)
		name->keep_until = 0;
}

unsigned
resolve_threads(const struct resolver *resolver)
{
	return resolver->far.count + resolver->near.count;
}
