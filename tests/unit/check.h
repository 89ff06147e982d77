/* SPDX-License-Identifier: ISC */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

/* What every unit test includes: cmocka, speaking TAP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define CHECK_RUN(tests)                           \
	(cmocka_set_message_output(CM_OUTPUT_TAP), \
	    cmocka_run_group_tests(tests, NULL, NULL))

#endif
