"""XML from outside: read as elements, and refused where it could grow or reach out."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.base import FeedDrifted
from feeds.markup import MOST_ATTRIBUTE, MOST_DEPTH, children, parsed

LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE odds [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<odds_change event_id="&d;"/>"""
REACHING = b"""<?xml version="1.0"?>
<!DOCTYPE odds [<!ENTITY file SYSTEM "file:///etc/hostname">]>
<odds_change>&file;</odds_change>"""
FETCHING = b'<!DOCTYPE odds SYSTEM "http://sample.invalid/odds.dtd"><odds_change/>'


def test_tags_are_without_namespaces_and_text_is_kept():
    root = parsed(b'<a xmlns="urn:x"><b k="1">one</b><b k="2"/><c><b/></c></a>')
    assert [(b.get("k"), b.text) for b in children(root, "b")] == [("1", "one"), ("2", None)]
    assert len(list(children(root, "c", "b"))) == 1


@pytest.mark.parametrize("body", [LAUGHS, REACHING, FETCHING])
def test_a_document_type_is_refused_before_anything_grows_or_is_fetched(body):
    before = time.process_time()
    with pytest.raises(FeedDrifted, match="document type"):
        parsed(body)
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'<a k="' + b"x" * (MOST_ATTRIBUTE + 1) + b'"/>', "attribute"),
        (b"<a>" * (MOST_DEPTH + 1) + b"</a>" * (MOST_DEPTH + 1), "too deep"),
        (b"", "well-formed"),
        (b"<a>", "well-formed"),
        (b"<a>&undeclared;</a>", "well-formed"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "well-formed"),
        (b'{"not": "xml"}', "well-formed"),
    ],
)
def test_what_is_monstrous_or_broken_is_drift(body, why):
    with pytest.raises(FeedDrifted, match=why):
        parsed(body)


def test_too_many_elements_are_drift(monkeypatch):
    monkeypatch.setattr("feeds.markup.MOST_ELEMENTS", 10)
    assert len(parsed(b"<a>" + b"<b/>" * 9 + b"</a>")) == 9
    with pytest.raises(FeedDrifted, match="too many"):
        parsed(b"<a>" + b"<b/>" * 10 + b"</a>")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_bytes_are_a_tree_or_drift(body):
    try:
        root = parsed(body)
    except FeedDrifted:
        return
    assert root.tag
