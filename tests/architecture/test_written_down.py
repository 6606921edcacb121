"""What has to be written down is, with the figures that the code goes by."""

import re

import pytest

from arb_app import manners, payloads
from services import accounts, halfway, passwords, sessions, support, text_codes
from services.access import OPERATOR, PROOF_LASTS
from tests.architecture.test_sources import ROOT

SECURITY = "docs/security"


def said(file):
    return " ".join((ROOT / file).read_text().split())


def part(name):
    """Return the paragraphs of the document of access that begin with a name in bold."""
    found = re.search(
        rf"\*\*{name}\.\*\*(.*?)(?=\n\*\*|\Z)",
        (ROOT / SECURITY / "access.md").read_text(),
        re.DOTALL,
    )
    assert found, name
    return " ".join(found[1].split())


def days(time):
    return time.total_seconds() / 86_400


def hours(time):
    return time.total_seconds() / 3_600


@pytest.mark.parametrize(
    ("file", "figures"),
    [
        (f"{SECURITY}/channel.md", f"{payloads.DEEPEST} levels, {payloads.MOST_PARTS:,} parts"),
        (
            f"{SECURITY}/channel.md",
            f"{manners.MESSAGES_A_SECOND:.0f} messages a second after the first",
        ),
        ("docs/decisions/0014-who-is-asking.md", "(64 MiB, 3 passes)"),
    ],
)
def test_bounds_of_what_is_sent_and_costly_are_told(file, figures):
    assert figures in said(file)


def test_what_may_be_typed_is_told():
    typed = part("What is typed")
    assert f"{accounts.LONGEST_EMAIL} characters at most" in typed
    assert f"{text_codes.DIGITS} digits, one of a letter {halfway.CODE_DIGITS}" in typed
    assert f"{passwords.SHORTEST} to {passwords.LONGEST:,} characters" in part("Passwords")


def test_words_that_are_no_passwords_are_told():
    assert "`dutchbook`, the address, its parts" in part("Passwords")


def test_how_guesses_are_bounded_is_told():
    here, anywhere, place = sessions._allowances("ann@example.com", "192.0.2.1")
    told = said("docs/decisions/0014-who-is-asking.md")
    assert f"the account from this address ({here.burst}, then one in {here.every_s:.0f} s)" in told
    assert f"the account from anywhere ({anywhere.burst}, then one a minute)" in told
    assert anywhere.every_s == 60
    assert f"the address ({place.burst}, then one in {place.every_s:.0f} s;" in told


def test_how_long_sessions_last_is_told_and_that_they_are_not_bounded_in_number():
    members, staff = sessions.MEMBERS, sessions.STAFF
    told = part("How long sessions last")
    assert f"Members: {days(members.idle):.0f} days idle, {days(members.whole):.0f} in all" in told
    assert f"staff: {hours(staff.idle):.0f} hours idle, {hours(staff.whole):.0f} in all" in told
    assert "NIST SP 800-63B" in told
    assert PROOF_LASTS.total_seconds() == 600
    assert "An account may have any number" in part("Sessions at once")


def test_every_way_in_is_told_with_what_it_asks_for():
    ways = dict(re.findall(r"\| ([a-z ]+) \| ([^|]+) \|", part("Ways in")))
    assert ways.keys() == {
        "way", "password", "passkey", "forgotten password", "lost factor", "second step",
    }  # fmt: skip


def test_why_a_member_may_have_a_password_alone_is_told_with_what_holds_instead():
    told = part("Why a member may have a password alone")
    for instead in ("odd", "guess", "letter", "proof", "staff"):
        assert instead in told


def test_what_is_kept_from_whom_within_a_row_is_told():
    assert {"books", "prices", "links"} <= set(re.findall(r"\w+", part("Fields")))
    assert "never a client's to write" in part("Fields")
    assert ", ".join(f"{each}" for each in support.HOURS[:-1]) in part("Rows")
    for permission in OPERATOR.permissions:
        assert permission.startswith("manage_") or f"`{permission}`" in part("Rows")


def test_keys_are_made_changed_and_lost_as_the_ceremony_says():
    text = (ROOT / SECURITY / "keys.md").read_text()
    parts = dict(re.findall(r"^## (\w+).*?\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))
    assert {"Who", "Making", "Rotating", "Losing"} <= parts.keys()
    for command in ("rotate", "retire"):
        assert f"./arb keys {command}" in parts["Rotating"]


def test_how_soon_flaws_of_packages_are_mended_is_told():
    told = said(f"{SECURITY}/README.md").partition("## How soon flaws of packages are mended")[2]
    for time in ("Two days", "two weeks", "a quarter"):
        assert time in told
