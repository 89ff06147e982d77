/* SPDX-License-Identifier: ISC */
#include "daemon/places.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"

#define NAME "gazetted"
#define SOCKET_NAME "org.gazetted"

/* An absolute directory from the environment, or NULL.  systemd may name several,
 * with colons between them: the first is ours. */
static char *
from_environment(const char *variable)
{
	const char *value = getenv(variable);
	char *path;

	if (value == NULL || value[0] != '/')
		return NULL;
	path = xstrdup(value);
	path[strcspn(path, ":")] = '\0';
	return path;
}

static char *
in_home(const char *xdg, const char *below)
{
	char *base = from_environment(xdg), *path;
	const char *home = getenv("HOME");

	if (base != NULL)
		path = xasprintf("%s/" NAME, base);
	else
		path = xasprintf("%s/%s/" NAME, home != NULL ? home : "", below);
	free(base);
	return path;
}

/* Takes `directory`. */
static char *
join(char *directory, const char *name)
{
	char *path = xasprintf("%s/%s", directory, name);

	free(directory);
	return path;
}

static char *
config_directory(bool is_system)
{
	char *given = from_environment("CONFIGURATION_DIRECTORY");

	if (given != NULL)
		return given;
	return is_system ? xstrdup(SYSCONFDIR "/" NAME)
			 : in_home("XDG_CONFIG_HOME", ".config");
}

static char *
state_directory(bool is_system)
{
	char *given = from_environment("STATE_DIRECTORY");

	if (given != NULL)
		return given;
	return is_system ? xstrdup(LOCALSTATEDIR "/lib/" NAME)
			 : in_home("XDG_STATE_HOME", ".local/state");
}

/* NULL: beside the database. */
static char *
runtime_directory(bool is_system)
{
	char *given = from_environment("RUNTIME_DIRECTORY"), *base;

	if (given != NULL)
		return given;
	if (is_system)
		return xstrdup(RUNSTATEDIR "/" NAME);
	base = from_environment("XDG_RUNTIME_DIR");
	return base != NULL ? join(base, NAME) : NULL;
}

static char *
beside(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(name);
	return xasprintf("%.*s/%s", (int)(slash - path), path, name);
}

void
places_find(struct places *places, const char *config, const char *database,
    const char *socket)
{
	bool is_system = geteuid() == 0 || getenv("STATE_DIRECTORY") != NULL;
	char *runtime;

	places->config_given = config != NULL;
	places->config = config != NULL
	    ? xstrdup(config)
	    : join(config_directory(is_system), NAME ".conf");
	places->database = database != NULL
	    ? xstrdup(database)
	    : join(state_directory(is_system), NAME ".db");
	if (socket != NULL) {
		places->socket = xstrdup(socket);
		return;
	}
	runtime = runtime_directory(is_system);
	places->socket = runtime != NULL ? join(runtime, SOCKET_NAME)
					 : beside(places->database, SOCKET_NAME);
}

void
places_done(struct places *places)
{
	free(places->config);
	free(places->database);
	free(places->socket);
	*places = (struct places){0};
}

int
places_make_parent(const char *path)
{
	char *copy = xstrdup(path), *slash;
	int r = 0;

	for (slash = strchr(copy + 1, '/'); slash != NULL;
	    slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0750) < 0 && errno != EEXIST) {
			r = -errno;
			/* What is there already may be below what we may not
			 * write: whether the last one exists is what counts. */
			if (access(copy, X_OK) == 0)
				r = 0;
		}
		*slash = '/';
	}
	free(copy);
	return r;
}
