"""Every page attacked by a scanner of others, as a visitor and as an owner."""

import json

import pytest

from arb_app.pages import PAGES
from tests.scanners.findings import unexplained

# What asks servers elsewhere is left out: modules that wait for a call back, or fetch lists.
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,ldap,methods,permanentxss,"
    "redirect,shellshock,sql,timesql,upload,xss"
)
ADDRESSES = [page.route for page in PAGES if "[" not in page.route and page.route.startswith("/")]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("who", ["a visitor", "an owner"])
async def test_no_page_has_a_flaw_that_is_unexplained(tool, product, tmp_path, who):
    report = tmp_path / "report.json"
    starts = [part for each in ADDRESSES for part in ("-s", f"{product.url}{each}")]
    cookie = ["-H", f"Cookie: dutchbook={product.token}"] if who == "an owner" else []
    said = await tool(
        "pages", "wapiti", "-u", f"{product.url}/", *starts, *cookie, "--scope", "folder",
        "-m", MODULES, "-d", "3", "--max-links-per-page", "60", "--max-scan-time", "240",
        "--max-attack-time", "60", "-t", "10", "--flush-session", "--no-bugreport",
        "--store-session", tmp_path, "-f", "json", "-o", report, "-v", "0", "--color",
        within_s=800,
    )  # fmt: skip
    assert report.is_file(), said.stdout[-2_000:] + said.stderr[-2_000:]
    told = json.loads(report.read_text())
    assert told["infos"]["crawled_pages_nbr"] >= len(ADDRESSES)
    found = [
        (kind, each["path"])
        for group in ("vulnerabilities", "anomalies")
        for kind, all_ in told[group].items()
        for each in all_
    ]
    assert unexplained("wapiti", found) == []
