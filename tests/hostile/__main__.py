"""`python -m tests.hostile URL`: attack a running product, and say what came of it.

Exit code 0 if nothing was got and nothing was brought down, 1 otherwise.
"""

import argparse
import asyncio
import sys

import psutil

from tests.hostile.judge import Target
from tests.hostile.run import MB, all_attacks


def main() -> int:
    """Attack; return the exit code."""
    parser = argparse.ArgumentParser(prog="tests.hostile", description=__doc__)
    parser.add_argument("url", help="for example http://127.0.0.1:3000")
    parser.add_argument("--cookie", help="Cookie header of a member of the least plan")
    parser.add_argument(
        "--old", action="append", default=[], help="Cookie header of a session that is over"
    )
    parser.add_argument("--secret", action="append", default=[], help="words that must not be told")
    parser.add_argument("--pid", type=int, help="the web process, to measure its memory")
    parser.add_argument("--most-mb", type=float, default=150.0, help="by how much it may grow")
    parser.add_argument("--most-silence", type=float, default=5.0, help="seconds, for the witness")
    given = parser.parse_args()
    cookies = {"a visitor": ""} | ({"a member": given.cookie} if given.cookie else {})
    target = Target(given.url.rstrip("/"), cookies, tuple(given.secret), tuple(given.old))
    return asyncio.run(_run(target, given))


async def _run(target: Target, given: argparse.Namespace) -> int:
    web = psutil.Process(given.pid) if given.pid else None
    before = web.memory_info().rss / MB if web else 0.0
    failed = False
    async for each in all_attacks(target, web=web, most_silence_s=given.most_silence):
        failed |= bool(each.breach)
        told = f"BREACH {each.breach}" if each.breach else f"held   {each.note}"
        memory = f" {each.rss_mb:7.1f} MB" if web else ""
        _say(f"{each.name:14} {each.seconds:6.1f} s{memory}  {told}")
    if web and (grown := web.memory_info().rss / MB - before) > given.most_mb:
        _say(f"the web process grew by {grown:.0f} MB")
        failed = True
    return int(failed)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
