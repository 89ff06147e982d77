/* SPDX-License-Identifier: ISC */
#ifndef MODEL_CHOICE_H
#define MODEL_CHOICE_H

/* A switch that one feed may set against what is set for all. */
enum choice {
	CHOICE_NONE, /* as for all; for all: no */
	CHOICE_YES,
	CHOICE_NO
};

#endif
