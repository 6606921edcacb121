"""The description of the doors says what they take: all of them, and what pages send them."""

import pytest
from starlette.routing import Route

from arb_app import http
from arb_app.openapi import ASKED, FORMS, JSON, document
from arb_app.pages import PAGES

DOORS = [door for door in http.routes().routes if isinstance(door, Route) and door.methods]
POSTED = {door.path for door in DOORS if "POST" in door.methods}
# What doors take from the address of the page that held a form, and from forms in Spanish.
LED_ON = {"next", "language"}


def body_of(path):
    return document(DOORS)["paths"][path]["post"]["requestBody"]["content"]


def test_every_door_that_is_posted_to_says_what_it_takes():
    assert {*FORMS, *JSON} == POSTED
    assert not FORMS.keys() & JSON.keys()


def test_a_door_that_says_nothing_of_what_it_takes_cannot_be_described():
    with pytest.raises(KeyError, match="/auth/new"):
        document([Route("/auth/new", lambda _: None, methods=["POST"])])


@pytest.mark.parametrize("path", sorted(JSON))
def test_scripts_are_told_to_send_json_and_which_purposes_there_are(path):
    (kind, told), *others = body_of(path).items()
    assert (kind, others) == ("application/json", [])
    assert set(told["schema"]["required"]) <= set(told["schema"]["properties"])
    assert "sign_in" in told["schema"]["properties"]["purpose"]["enum"]


@pytest.mark.parametrize("path", sorted(JSON))
def test_scripts_are_told_how_they_are_refused(path):
    answers = document(DOORS)["paths"][path]["post"]["responses"]
    for status in ("401", "403", "422", "429", "503"):
        assert set(answers[status]["content"]) == {"application/problem+json"}
    assert set(answers["200"]["content"]) == {"application/json"}


def test_queries_are_of_files_alone():
    files = {door.path for door in DOORS if door.path.startswith("/exports/")}
    assert ASKED.keys() <= files
    for path, names in ASKED.items():
        asked = document(DOORS)["paths"][path]["get"]["parameters"]
        assert {(each["in"], each["name"]) for each in asked} == {("query", n) for n in names}


@pytest.fixture(scope="module")
def sent():
    """Return the fields of the forms of all pages, by the door that they are sent to."""
    found = {}

    def look(component, door):
        if type(component).__name__ == "Form":
            door = str(component.action).strip('"')
            found.setdefault(door, set())
        if door and (name := getattr(component, "name", None)) is not None:
            found[door].add(str(name).strip('"'))
        parts = (getattr(component, which, None) for which in ("comp1", "comp2"))
        for each in (*component.children, *(part for part in parts if part is not None)):
            look(each, door)

    for page in PAGES:
        look(page.show(), "")
    found.pop("None")  # forms of events, which go over the socket
    return found


@pytest.mark.slow
def test_the_forms_of_pages_are_those_that_are_described(sent):
    assert {path: names - LED_ON for path, names in sent.items()} == {
        path: set(names) - LED_ON for path, names in FORMS.items()
    }
