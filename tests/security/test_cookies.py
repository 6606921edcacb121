"""Cookies over https: bound to this host, whoever sets them, and the readers' own words as well."""

import json
import re
import subprocess

import pytest
from starlette.responses import Response

from arb_app import cookies, devices
from domain.preferences import COOKIE, parsed
from kit.settings import Settings
from tests.arb_app.test_live_grid_js import NODE
from tests.architecture.test_secure_code import SCRIPTS, product
from tests.architecture.test_sources import ROOT

HTTPS = Settings(public_url="https://odds.example")
HTTP = Settings(public_url=None)
OURS = (
    *(cookies.NAME, cookies.STEP, cookies.CEREMONY, cookies.AGE, cookies.BREAK, cookies.LIMITS),
    devices.NAME,
)
# A page of which only what the script asks for is there.
PAGE = """
const [text, page] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const heard = {}, kept = [];
const document = {
  documentElement: {},
  get cookie() { return page.cookie; },
  set cookie(said) { kept.push(said); },
  addEventListener: (name, act) => { heard[name] = act; },
};
const location = { protocol: page.protocol, pathname: "/", search: "", hash: "" };
const there = { document, location, navigator: { languages: ["en"] }, URLSearchParams, Intl };
require("vm").runInNewContext(text, there);
const before = there.dutchbook.settings.odds;
heard.change({ target: { dataset: { setting: "odds" }, value: "malay" } });
console.log(JSON.stringify([before, kept]));
"""


def given(settings):
    """Return every cookie that the product sets, as it sets it."""
    answer = Response()
    for name in OURS:
        cookies.keep(answer, name, "x", settings, lasts_s=60)
    cookies.give_settings(answer, "odds=malay", settings)
    return [said.decode() for name, said in answer.raw_headers if name == b"set-cookie"]


def flags_of(said):
    name, *flags = said.split("; ")
    return name, {flag.lower().partition("=")[0] for flag in flags}


def test_over_https_every_cookie_is_secure_and_of_this_host_alone():
    found = dict(map(flags_of, given(HTTPS)))
    assert len(found) == len(OURS) + 1
    for name, flags in found.items():
        assert name.startswith("__Host-")
        assert {"secure", "path", "samesite"} <= flags
        assert "domain" not in flags


def test_over_http_no_name_promises_what_a_browser_would_refuse():
    assert not [said for said in given(HTTP) if said.startswith("__") or "secure" in said.lower()]


def test_cookies_are_set_in_one_place_and_by_one_script():
    setters = {str(path) for path, text in product() if re.search(r"set[-_]cookie", text)}
    assert setters == {"arb_app/cookies.py"}
    writers = {
        path.name for path in SCRIPTS if re.search(r"document\.cookie\s*=", path.read_text())
    }
    assert writers == {"settings.js"}


def test_over_https_what_a_neighbour_could_have_set_is_not_looked_at():
    assert cookies.settings_of(f"{COOKIE}=odds=malay", HTTPS) == ""
    header = f"{COOKIE}=odds=indonesian; __Host-{COOKIE}=odds=malay"
    assert parsed(cookies.settings_of(header, HTTPS)).odds == "malay"
    assert parsed(cookies.settings_of(header, HTTP)).odds == "indonesian"


@pytest.mark.parametrize(("protocol", "prefix"), [("https:", "__Host-"), ("http:", "")])
def test_the_script_of_the_settings_reads_and_keeps_the_same_cookie(protocol, prefix):
    cookie = f"a=b; {COOKIE}=odds=indonesian; __Host-{COOKIE}=odds=american"
    page = {"protocol": protocol, "cookie": cookie}
    text = (ROOT / "assets" / "settings.js").read_text()
    done = subprocess.run(
        [NODE, "--eval", PAGE], input=json.dumps([text, page]), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    before, (kept,) = json.loads(done.stdout)
    assert before == ("american" if prefix else "indonesian")
    assert kept.startswith(f"{prefix}{COOKIE}=odds=malay;")
    _, flags = flags_of(kept)
    assert ("secure" in flags, "path" in flags) == (bool(prefix), True)
