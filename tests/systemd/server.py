# SPDX-License-Identifier: ISC
"""A few feeds for units.sh: their addresses go to the file that is named."""
import sys
import threading

sys.path.insert(0, "/opt/gazetted-test")
from harness import Server, rss

server = Server()
server.feed("/good", rss(3))
server.feed("/evil", rss(1, title="x&#10;WATCHDOG=trigger&#10;MAINPID=1"))
with open(sys.argv[1], "w") as file:
    file.write(f"http://127.0.0.1:{server.port}\n")
threading.Event().wait()
