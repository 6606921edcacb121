"""Every page and door attacked by a scanner of others, as a visitor and as an owner."""

import json
import re

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
OWNERS = "/exports/health.json"
# Where an owner's session would end.
ENDS = "/auth/sign-out"
SKIPPED = re.compile(r"(\d+) requests were skipped due to network issues")


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("who", ["a visitor", "an owner"])
async def test_no_page_and_no_door_has_a_flaw_that_is_unexplained(tool, product, tmp_path, who):
    report, is_owner = tmp_path / "report.json", who == "an owner"
    starts = [part for each in ADDRESSES for part in ("-s", f"{product.url}{each}")]
    cookie = await product.cookie(Role.OWNER) if is_owner else ""
    held = ["-C", cookie, "--drop-set-cookie", "-x", f"{product.url}{ENDS}"] if is_owner else []
    said = await tool(
        "pages", "wapiti", "-u", f"{product.url}/", *starts, *held, "--scope", "folder",
        "--swagger", f"{product.url}{PATH}", "-H", f"Origin: {product.url}",
        "-m", MODULES, "-d", "3", "--max-links-per-page", "60", "--max-scan-time", "240",
        "--max-attack-time", "60", "-t", "10", "--flush-session", "--no-bugreport",
        "--store-session", tmp_path, "-f", "json", "-o", report, "-v", "0", "--color",
        within_s=1700,
    )  # fmt: skip
    assert report.is_file(), said.stdout[-2_000:] + said.stderr[-2_000:]
    __import__("shutil").copy(report, f"/tmp/lab6/v/scratch/pages-{who[-5:]}.json")
    __import__("pathlib").Path(f"/tmp/lab6/v/scratch/pages-{who[-5:]}.txt").write_text(said.stdout)
    assert [int(many) for many in SKIPPED.findall(said.stdout)] == []
    told = json.loads(report.read_text())
    assert told["infos"]["crawled_pages_nbr"] >= len(ADDRESSES)
    found = [
        (kind, each["path"])
        for group in ("vulnerabilities", "anomalies")
        for kind, all_ in told[group].items()
        for each in all_
    ]
    assert unexplained("wapiti", found) == []
    async with httpx.AsyncClient(trust_env=False, headers={"cookie": cookie}) as client:
        still = await client.get(f"{product.url}{OWNERS}", timeout=30)
    assert still.status_code == (200 if is_owner else 403)
