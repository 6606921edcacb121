"""Every page and door attacked by a scanner of others: as a visitor, a member and an owner."""

import asyncio
import json
import re
from dataclasses import dataclass

import httpx
import pytest

from arb_app.openapi import PATH
from arb_app.pages import PAGES
from services.access import Role
from tests.scanners.findings import unexplained

# What asks servers elsewhere is left out: modules that wait for a call back, or fetch lists.
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,ldap,methods,permanentxss,"
    "redirect,shellshock,sql,timesql,upload,xss"
)
ADDRESSES = [page.route for page in PAGES if "[" not in page.route and page.route.startswith("/")]
ROLES = {"a visitor": None, "a member": Role.MEMBER, "an owner": Role.OWNER}
OWN, OWNERS = "/exports/mine.json", "/exports/health.json"
# Where a session would end.
ENDS = "/auth/sign-out"
SKIPPED = re.compile(r"(\d+) requests were skipped due to network issues")
GROUPS = ("vulnerabilities", "anomalies")
pytestmark = pytest.mark.timeout(3_600)


@dataclass(frozen=True)
class Attack:
    """What a scanner found and said as somebody, and the cookie that it had."""

    report: dict
    said: str
    cookie: str


@pytest.fixture(scope="module")
async def attacks(tool, product, tmp_path_factory):
    """What a scanner found as each of them, all at the same time."""

    async def attack(role):
        folder = tmp_path_factory.mktemp("attack")
        cookie = await product.cookie(role) if role else ""
        return await _attack(tool, product.url, cookie, folder)

    found = await asyncio.gather(*map(attack, ROLES.values()))
    return dict(zip(ROLES, found, strict=True))


async def _attack(tool, url, cookie, folder):
    report = folder / "report.json"
    starts = [part for each in ADDRESSES for part in ("-s", f"{url}{each}")]
    held = ["-C", cookie, "--drop-set-cookie", "-x", f"{url}{ENDS}"] if cookie else []
    said = await tool(
        "pages", "wapiti", "-u", f"{url}/", *starts, *held, "--scope", "folder",
        "--swagger", f"{url}{PATH}", "-H", f"Origin: {url}", "--timeout", "60",
        "-m", MODULES, "-d", "3", "--max-links-per-page", "60", "--max-scan-time", "240",
        "--max-attack-time", "60", "-t", "10", "--flush-session", "--no-bugreport",
        "--store-session", folder, "-f", "json", "-o", report, "-v", "0", "--color",
        within_s=3_000,
    )  # fmt: skip
    assert report.is_file(), said.stdout[-2_000:] + said.stderr[-2_000:]
    return Attack(json.loads(report.read_text()), said.stdout, cookie)


@pytest.mark.parametrize("who", ROLES)
async def test_every_page_is_reached_and_every_request_answered(attacks, who):
    attack = attacks[who]
    assert attack.report["infos"]["crawled_pages_nbr"] >= len(ADDRESSES)
    assert SKIPPED.findall(attack.said) == []


@pytest.mark.parametrize("who", ROLES)
async def test_whoever_was_signed_in_still_is(attacks, product, who):
    headers = {"cookie": attacks[who].cookie}
    async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=30) as client:
        own, owners = [await client.get(f"{product.url}{path}") for path in (OWN, OWNERS)]
    assert (own.status_code == 403) is (who == "a visitor")
    assert owners.status_code == (200 if who == "an owner" else 403)


async def test_no_page_and_no_door_has_a_flaw_that_is_unexplained(attacks):
    found = [
        (kind, each["path"])
        for attack in attacks.values()
        for group in GROUPS
        for kind, all_ in attack.report[group].items()
        for each in all_
    ]
    assert unexplained("wapiti", found) == []
