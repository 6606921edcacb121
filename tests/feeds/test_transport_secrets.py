"""Credentials: each part where the manifest says, escaped for the place, and nowhere else."""

import json
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.base import Basis, Manifest
from feeds.transport_secrets import NoCredential, filled, headers, parts_of, query

printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1)


def a_manifest(**given_):
    return Manifest(
        name="vendor", title="A vendor", basis=Basis.DOCUMENTED, sports=frozenset(),
        markets=frozenset(), needs_credential=True, **given_,
    )  # fmt: skip


BEARER = a_manifest(credential_headers={"Authorization": "Bearer {key}"})
BASIC = a_manifest(credential_headers={"Authorization": "Basic {username}:{password}"})
SESSION = a_manifest(
    credential_headers={"X-Application": "{app_key}", "X-Authentication": "{session}"},
    credential_in_body=frozenset({"username", "password"}),
)


def test_one_text_is_the_key():
    assert headers(BEARER, parts_of(BEARER, "abc")) == {"Authorization": "Bearer abc"}
    in_query = a_manifest(credential_param="apiKey")
    assert query(in_query, parts_of(in_query, "abc")) == {"apiKey": "abc"}


def test_a_name_and_a_password_are_encoded_as_rfc_7617_shows():
    parts = parts_of(BASIC, {"username": "Aladdin", "password": "open sesame"})
    assert headers(BASIC, parts) == {"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}


def test_before_a_session_is_open_its_header_is_left_out():
    parts = parts_of(SESSION, {"app_key": "k", "username": "u", "password": "p"})
    assert headers(SESSION, parts) == {"X-Application": "k"}
    opened = headers(SESSION, parts | {"session": "t"})
    assert opened == {"X-Application": "k", "X-Authentication": "t"}


@pytest.mark.parametrize(
    ("manifest", "credential", "why"),
    [
        (BEARER, None, "no credential is set"),
        (BEARER, "", "no credential is set"),
        (BASIC, "only-a-key", "lacks password, username"),
        (SESSION, {"app_key": "k", "username": "u"}, "lacks password"),
        (BEARER, "abc\r\nX-Evil: 1", "characters that no key has"),
        (BEARER, "ab\u202ec", "characters that no key has"),
    ],
)
def test_a_source_without_all_of_its_credential_is_not_asked(manifest, credential, why):
    with pytest.raises(NoCredential, match=why):
        parts_of(manifest, credential)


def test_a_source_that_needs_none_is_given_none():
    free = Manifest(
        name="free", title="Free", basis=Basis.DOCUMENTED, sports=frozenset(), markets=frozenset()
    )
    assert parts_of(free, "a key of somebody else") == {}
    assert headers(free, {}) == query(free, {}) == {}


@given(printable)
def test_a_part_stands_in_json_as_it_is(part):
    body = filled(b'{"u":"{{key}}","n":{"a":{}}}', "application/json", {"key": part})
    assert json.loads(body) == {"u": part, "n": {"a": {}}}


@given(printable)
def test_a_part_stands_in_xml_as_it_is(part):
    body = filled(b'<a key="{{key}}">{{key}}</a>', "text/xml", {"key": part})
    root = ET.fromstring(body.decode())
    assert (root.get("key"), root.text) == (part, part)


@given(printable)
def test_a_part_stands_in_a_form_as_it_is(part):
    kind = "application/x-www-form-urlencoded"
    body = filled(b"a=1&key={{key}}", kind, {"key": part})
    assert parse_qs(body.decode(), keep_blank_values=True) == {"a": ["1"], "key": [part]}


def test_braces_that_name_no_part_are_left_alone():
    assert filled(b'{"a":{"b":"{{other}}"}}', "application/json", {"key": "x"}) == (
        b'{"a":{"b":"{{other}}"}}'
    )


def test_what_an_operator_must_give_is_listed():
    assert SESSION.credential_parts == ("app_key", "password", "username")
    assert a_manifest(credential_param="apiKey").credential_parts == ("key",)
