/* SPDX-License-Identifier: ISC */
#include "base/mailbox.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/xalloc.h"

struct mailbox {
	pthread_mutex_t lock; /* guards head, count and slot */
	int fd;               /* invariant: readable iff count > 0 */
	size_t limit, head, count;
	void *slot[]; /* ring: head is the oldest */
};

int
mailbox_new(size_t limit, struct mailbox **ret_box)
{
	struct mailbox *box;
	int r;

	assert(limit > 0);
	box = xcalloc(1, sizeof(*box) + limit * sizeof(box->slot[0]));
	box->limit = limit;
	box->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (box->fd < 0) {
		r = -errno;
		goto fail_box;
	}
	r = -pthread_mutex_init(&box->lock, NULL);
	if (r < 0)
		goto fail_fd;
	*ret_box = box;
	return 0;

fail_fd:
	close(box->fd);
fail_box:
	free(box);
	return r;
}

void
mailbox_free(struct mailbox *box)
{
	if (box == NULL)
		return;
	assert(box->count == 0); /* an item here would be a leak */
	pthread_mutex_destroy(&box->lock);
	close(box->fd);
	free(box);
}

int
mailbox_post(struct mailbox *box, void *item)
{
	const uint64_t one = 1;
	int r = -ENOSPC;

	pthread_mutex_lock(&box->lock);
	if (box->count < box->limit) {
		box->slot[(box->head + box->count) % box->limit] = item;
		if (box->count++ == 0) {
			/* Cannot fail: an eventfd of ours that was just 0. */
			ssize_t n = write(box->fd, &one, sizeof(one));
			assert(n == sizeof(one));
			(void)n;
		}
		r = 0;
	}
	pthread_mutex_unlock(&box->lock);
	return r;
}

void *
mailbox_take(struct mailbox *box)
{
	uint64_t ignored;
	void *item = NULL;

	pthread_mutex_lock(&box->lock);
	if (box->count > 0) {
		item = box->slot[box->head];
		box->head = (box->head + 1) % box->limit;
		if (--box->count == 0) {
			ssize_t n = read(box->fd, &ignored, sizeof(ignored));
			assert(n == sizeof(ignored));
			(void)n;
		}
	}
	pthread_mutex_unlock(&box->lock);
	return item;
}

void *
mailbox_wait(struct mailbox *box, msec_t patience)
{
	struct pollfd pfd = {.fd = box->fd, .events = POLLIN};
	void *item = mailbox_take(box);

	if (item != NULL || patience == 0)
		return item;
	(void)poll(
	    &pfd, 1, patience < 0 ? -1 : (int)patience); /* EINTR: just early */
	return mailbox_take(box);
}

size_t
mailbox_count(struct mailbox *box)
{
	size_t count;

	pthread_mutex_lock(&box->lock);
	count = box->count;
	pthread_mutex_unlock(&box->lock);
	return count;
}

int
mailbox_fd(const struct mailbox *box)
{
	return box->fd;
}
