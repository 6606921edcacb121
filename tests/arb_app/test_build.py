"""When the front end is built, what its tools get to see, and what a failure is called."""

import gzip
import os

import pytest

from arb_app.build import failure, name_languages, needs_build, tools_environment
from domain.errors import Broken, Unavailable


def test_a_machine_that_never_built_has_to(tmp_path):
    assert needs_build(tmp_path)


def test_packages_from_a_registry_never_see_our_secrets(tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "REDIS_URL", "DUTCHBOOK_ODDS_API_KEY"):
        monkeypatch.setenv(name, "hush")
    assert "hush" not in tools_environment(tmp_path).values()


def test_the_tools_come_from_the_wheels_before_any_of_the_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/somewhere")
    assert tools_environment(tmp_path)["PATH"].split(os.pathsep) == [
        str(tmp_path / "bin"),
        "/somewhere",
    ]


def test_proxies_and_certificates_of_the_machine_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/ca.pem")
    kept = tools_environment(tmp_path)
    assert (kept["HTTPS_PROXY"], kept["SSL_CERT_FILE"]) == ("http://proxy:3128", "/etc/ca.pem")


@pytest.mark.parametrize(
    ("output", "error"),
    [
        ("error: ConnectionRefused downloading package manifest react", Unavailable),
        ("npm error code ENOTFOUND", Unavailable),
        ("error: Unable to connect. Is the computer able to access the url?", Unavailable),
        ("ModuleNotFoundError: No module named 'x'", Broken),
        ("RolldownError: Unexpected token", Broken),
    ],
)
def test_a_network_that_is_down_is_told_from_code_that_is_wrong(output, error):
    assert type(failure(output)) is error
    assert output in str(failure(output))


def test_each_page_says_in_its_first_tag_which_language_it_is_in(tmp_path):
    page = '<!DOCTYPE html><html lang="en"><head></head><body><p lang="en">EN</p></body></html>'
    for name in ("board.html", "es/board.html", "es/board/index.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(page)
    name_languages(tmp_path)
    spanish = page.replace("en", "es", 1)
    assert (tmp_path / "board.html").read_text() == page
    for name in ("es/board.html", "es/board/index.html"):
        assert (tmp_path / name).read_text() == spanish
        assert gzip.decompress((tmp_path / f"{name}.gz").read_bytes()).decode() == spanish
