/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>

#include "base/mailbox.h"

#define MANY 20000

static void
bounded_and_in_order(void **state)
{
	struct mailbox *box;
	struct pollfd pfd = {.events = POLLIN};
	int item[3];

	(void)state;
	assert_int_equal(mailbox_new(2, &box), 0);
	pfd.fd = mailbox_fd(box);
	assert_int_equal(poll(&pfd, 1, 0), 0);
	assert_int_equal(mailbox_post(box, &item[0]), 0);
	assert_int_equal(mailbox_post(box, &item[1]), 0);
	assert_int_equal(mailbox_post(box, &item[2]), -ENOSPC);
	assert_int_equal(poll(&pfd, 1, 0), 1);
	assert_ptr_equal(mailbox_take(box), &item[0]);
	assert_int_equal(poll(&pfd, 1, 0), 1);
	assert_ptr_equal(mailbox_take(box), &item[1]);
	assert_int_equal(poll(&pfd, 1, 0), 0);
	assert_null(mailbox_take(box));
	mailbox_free(box);
}

static void *
poster(void *arg)
{
	static int numbers[MANY];
	int i;

	for (i = 0; i < MANY; i++) {
		numbers[i] = i;
		while (mailbox_post(arg, &numbers[i]) == -ENOSPC)
			sched_yield();
	}
	return NULL;
}

static void
crosses_threads(void **state)
{
	struct mailbox *box;
	pthread_t thread;
	int *number, i;

	(void)state;
	assert_int_equal(mailbox_new(16, &box), 0);
	assert_int_equal(pthread_create(&thread, NULL, poster, box), 0);
	for (i = 0; i < MANY; i++) {
		while ((number = mailbox_wait(box, -1)) == NULL)
			;
		assert_int_equal(*number, i);
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	mailbox_free(box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bounded_and_in_order),
	    cmocka_unit_test(crosses_threads),
	};

	return CHECK_RUN(tests);
}
