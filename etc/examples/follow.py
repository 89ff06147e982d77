#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# New items as they arrive: follow.py [SOCKET [QUERY]], for instance tag:cve
import json, socket, sys

path = sys.argv[1] if len(sys.argv) > 1 else "/run/gazetted/org.gazetted"
parameters = {"from": "now"}
if len(sys.argv) > 2:
    parameters["query"] = " ".join(sys.argv[2:])
call = {"method": "org.gazetted.Follow", "more": True, "parameters": parameters}
connection = socket.socket(socket.AF_UNIX)
connection.connect(path)
connection.sendall(json.dumps(call).encode() + b"\n")
for line in connection.makefile(encoding="utf-8"):
    reply = json.loads(line)
    if "error" in reply:
        sys.exit(f"{reply['error']}: {reply['parameters']}")
    event = reply["parameters"]["event"]
    if "item" in event:
        print(event["cursor"], event["item"].get("title"), flush=True)
