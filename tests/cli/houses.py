"""Stand-ins for worker and web, and a house that runs in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psutil

from store.embedded import free_port

ROOT = Path(__file__).resolve().parents[2]
WEB = """
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(" ".join(sorted(os.environ)).encode())
    def log_message(self, *_): pass
address = (os.environ["DUTCHBOOK_HOST"], int(os.environ["DUTCHBOOK_PORT"]))
http.server.ThreadingHTTPServer(address, Answer).serve_forever()
"""
WORKER = "import signal; print('at work', flush=True); signal.pause()"
HOUSE = """
import json, sys
from pathlib import Path
from cli.house import Commands, House
from cli.stopping import until_told
from domain.errors import DutchbookError, Refused
from kit.settings import settings

asked = json.loads(sys.argv[1])
update = {"data_dir": Path(asked["data"]), "port": asked["port"]}
commands = Commands(
    **{k: [sys.executable, "-c", asked[k]] for k in ("build", "worker", "web")}
)
try:
    with until_told():
        House(settings().model_copy(update=update), commands).run(fresh=asked["fresh"])
except DutchbookError as e:
    print(e)
    sys.exit(2 if isinstance(e, Refused) else 1)
"""


def environment(**more):
    known = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"}
    kept = {k: v for k, v in os.environ.items() if k not in known and "DUTCHBOOK" not in k}
    return kept | more


class RunningHouse:
    """A house in a process of its own, and what it says."""

    def __init__(self, process, port):
        self.process = process
        self.port = port
        self.said = []

    def hear(self, words):
        """Read on until a line with `words` has been said."""
        for line in self.process.stdout:
            self.said.append(line)
            if words in line:
                return
        raise AssertionError(f"never said {words!r}: {''.join(self.said)}")

    def parts(self):
        """Return the processes that the guardians guard, by what their command lines hold."""
        found = {}
        for guardian in psutil.Process(self.process.pid).children():
            for part in guardian.children():
                line = " ".join(part.cmdline())
                for name, mark in MARKS.items():
                    if mark in line:
                        found[name] = part
        return found

    def family(self):
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, sign=signal.SIGINT):
        self.process.send_signal(sign)
        self.said += self.process.stdout.readlines()
        return self.process.wait(30)


MARKS = {
    "postgres": "bin/postgres",
    "valkey": "valkey-server",
    "worker": "at work",
    "web": "ThreadingHTTPServer",
}


def all_ended(processes, within_s=20):
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if all(not p.is_running() or p.status() == psutil.STATUS_ZOMBIE for p in processes):
            return True
        time.sleep(0.02)
    return False


@contextmanager
def house(data, *, port=None, env=None, **asked):
    asked = {"build": "", "worker": WORKER, "web": WEB, "fresh": False} | asked
    asked |= {"data": str(data), "port": port or free_port()}
    with subprocess.Popen(
        [sys.executable, "-c", HOUSE, json.dumps(asked)],
        cwd=ROOT,
        env=env or environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield RunningHouse(process, asked["port"])
        finally:
            process.kill()
