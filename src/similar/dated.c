/* SPDX-License-Identifier: ISC */
#include "similar/dated.h"

#include <pthread.h>
#include <stddef.h>

#include "similar/words.h"

/*
 * English, French, Spanish, German; folded, so one spelling does for `février`
 * and `fevrier`.  Add a word by writing it here.  "may", "march" and "second"
 * are words of their own too: titles that differ in nothing else are a series
 * all the same.
 */
static const char *const words[] = {
    /* months */
    "january", "february", "march", "april", "may", "june", "july", "august",
    "september", "october", "november", "december", "jan", "feb", "mar", "apr",
    "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "janvier", "fevrier",
    "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre",
    "novembre", "decembre", "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "setiembre", "octubre", "noviembre",
    "diciembre", "januar", "februar", "maerz", "marz", "juni", "juli", "oktober",
    "dezember", "okt", "dez",
    /* days */
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun",
    "mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays",
    "sundays", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi",
    "dimanche", "lunes", "martes", "miercoles", "jueves", "viernes", "sabado",
    "domingo", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag",
    "sonnabend", "sonntag",
    /* ordinals and numbers as words */
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth",
    "ninth", "tenth", "one", "two", "three", "four", "five", "six", "seven", "eight",
    "nine", "ten", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x",
    "premier", "premiere", "deuxieme", "troisieme", "quatrieme", "cinquieme",
    "sixieme", "septieme", "huitieme", "neuvieme", "dixieme", "primer", "primera",
    "primero", "segunda", "segundo", "tercera", "tercero", "cuarta", "cuarto",
    "quinta", "quinto", "sexta", "sexto", "septima", "septimo", "octava", "octavo",
    "novena", "noveno", "decima", "decimo", "erste", "erster", "erstes", "zweite",
    "zweiter", "zweites", "dritte", "dritter", "drittes", "vierte", "vierter",
    "viertes", "funfte", "funfter", "sechste", "siebte", "achte", "neunte",
    "zehnte"};

#define SLOTS 1024 /* a power of two, well above the number of words */

static uint64_t table[SLOTS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
make_table(void)
{
	size_t i, at;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		uint64_t hash = words_hash(words[i]);

		for (at = hash % SLOTS; table[at] != 0; at = (at + 1) % SLOTS)
			;
		table[at] = hash;
	}
}

bool
dated_has(uint64_t hash)
{
	size_t at;

	(void)pthread_once(&once, make_table); /* fails for a bad once only */
	for (at = hash % SLOTS; table[at] != 0; at = (at + 1) % SLOTS) {
		if (table[at] == hash)
			return true;
	}
	return false;
}
