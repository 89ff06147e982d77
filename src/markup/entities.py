#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Writes entities.c: HTML's named character references, from Python's own list.

Run it by hand (python3 entities.py > entities.c) should the standard ever add
a name; the build does not need Python.
"""
from html.entities import html5


def octal(text):
    return "".join("\\%03o" % byte for byte in text.encode("utf-8"))


names = sorted({name.rstrip(";") for name in html5})
assert max(map(len, names)) < 32
assert max(len(text.encode("utf-8")) for text in html5.values()) < 7

print("""/* SPDX-License-Identifier: ISC */
/* Written by entities.py: every name of HTML's character references. */
#include "markup/entities.h"

/* clang-format off */
const struct entity entities[] = {""")
for name in names:
    print('\t{"%s", "%s", %d},' % (name, octal(html5[name + ";"]), name in html5))
print("};\n")

# An open hash table: the name's index + 1, or 0.  As hash() in reference.c.
slots = [0] * 4096
for index, name in enumerate(names):
    at = 0
    for byte in name.encode():
        at = (at * 33 + byte) & 0xFFFFFFFF
    at = (at ^ at >> 12) % len(slots)
    while slots[at]:
        at = (at + 1) % len(slots)
    slots[at] = index + 1
print("const unsigned short entities_slots[ENTITY_SLOTS] = {")
for row in range(0, len(slots), 14):
    print("\t" + " ".join("%d," % n for n in slots[row:row + 14]))
print("};")
