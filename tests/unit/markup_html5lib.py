#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Holds the tokenizer to html5lib's tokenizer tests (not part of this tree).

    make tests/unit/markup_tokens
    markup_html5lib.py [--program tests/unit/markup_tokens] FILE.test...

Every case runs in each of its initial states, whole and byte by byte.
"""
import argparse
import json
import re
import subprocess
import sys

STATES = {"Data state": 0, "PLAINTEXT state": 1, "RCDATA state": 2,
          "RAWTEXT state": 3, "Script data state": 4, "CDATA section state": 5}


def encode(text):
    # A lone surrogate goes through as the three bytes that it would have; a
    # pair is one character.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return text.encode("utf-8", "surrogatepass")


def decode(field):
    if field == "-":
        return None
    return bytes.fromhex(field[1:]).decode("utf-8", "surrogatepass")


def undouble(value):
    if isinstance(value, str):
        return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda m: chr(int(m[1], 16)), value)
    if isinstance(value, list):
        return [undouble(v) for v in value]
    if isinstance(value, dict):
        return {undouble(k): undouble(v) for k, v in value.items()}
    return value


def read_token(line):
    kind, *fields = line.split(" ")
    if kind == "S":
        names = [decode(f) for f in fields[1:]]
        token = ["StartTag", names[0], dict(zip(names[1::2], names[2::2]))]
        return token + [True] if fields[0] == "1" else token
    if kind == "D":
        return ["DOCTYPE"] + [decode(f) for f in fields[1:]] + [fields[0] == "0"]
    return [{"E": "EndTag", "C": "Comment"}[kind], decode(fields[0])]


def join(tokens):
    out = []
    for token in tokens:
        if token[0] == "Character" and out and out[-1][0] == "Character":
            out[-1] = ["Character", out[-1][1] + token[1]]
        else:
            out.append(token)
    return out


def ask(process, state, last_tag, data, step):
    head = "%d %s %d %d\n" % (state, last_tag or "-", len(data), step)
    process.stdin.write(head.encode() + data)
    process.stdin.flush()
    tokens, text = [], ""
    while True:
        line = process.stdout.readline().decode().rstrip("\n")
        if line.startswith("T"):
            text += line[3:]  # may be cut inside a character
            continue
        if text:
            tokens.append(["Character", decode("x" + text)])
            text = ""
        if line == ".":
            return tokens
        tokens.append(read_token(line))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default="tests/unit/markup_tokens")
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    process = subprocess.Popen([options.program], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    passed = failed = 0
    for path in options.files:
        with open(path, encoding="utf-8") as file:
            cases = json.load(file).get("tests", [])
        for case in cases:
            if case.get("doubleEscaped"):
                case = dict(case, input=undouble(case["input"]),
                            output=undouble(case["output"]))
            want = join([t for t in case["output"] if t != "ParseError"])
            data = encode(case["input"])
            for state in case.get("initialStates", ["Data state"]):
                good = True
                for step in (len(data) or 1, 1):
                    got = ask(process, STATES[state], case.get("lastStartTag"),
                              data, step)
                    good = good and got == want
                    if got != want and failed < options.show:
                        print("%s: %s (%s, by %d)\n  in   %r\n  want %r\n  got  %r"
                              % (path, case["description"], state, step,
                                 case["input"], want, got))
                passed, failed = passed + good, failed + (not good)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
