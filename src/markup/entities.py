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

first = [0] * 129
for code in range(128):
    first[code + 1] = first[code] + sum(1 for name in names if ord(name[0]) == code)
print("const unsigned short entities_first[129] = {")
for row in range(0, 129, 12):
    print("\t" + " ".join("%d," % n for n in first[row:row + 12]))
print("};")
