import pytest

from arb_app.state import gallery
from arb_app.state.admin import rooms
from arb_app.state.gallery import PAGES, GalleryState, sample
from arb_app.state.opportunity import OpportunityState
from services.access import ANONYMOUS, PERMISSIONS_OF, Role, Subject
from tests.facts import NOON

STAFF = Subject(name="support", permissions=PERMISSIONS_OF[Role.SUPPORT])


@pytest.fixture
def window():
    """The window on an opportunity, and the gallery's own within it."""
    opportunity = OpportunityState()
    return opportunity, opportunity.substates[GalleryState.get_name()]


def asked_by(monkeypatch, subject):
    async def whoever(_):
        return subject

    monkeypatch.setattr(gallery, "subject_of", whoever)


@pytest.mark.usefixtures("running")
async def test_whoever_looks_after_the_product_sees_the_components_filled(window, monkeypatch):
    opportunity, state = window
    asked_by(monkeypatch, STAFF)
    await state.furnish()
    assert (state.shown, opportunity.phase) == ("found", "found")
    assert [leg.letter for leg in opportunity.legs] == ["A", "B", "C"]
    assert {line.open for line in opportunity.ruled} == {True}
    assert opportunity.near
    assert "/admin/gallery" in [room.href for room in rooms(STAFF)]


@pytest.mark.usefixtures("running")
async def test_a_visitor_is_refused_and_is_shown_nothing(window, monkeypatch):
    opportunity, state = window
    asked_by(monkeypatch, ANONYMOUS)
    await state.furnish()
    assert (state.shown, opportunity.phase, opportunity.legs) == ("refused", "loading", [])


def test_the_invented_opportunity_holds_whatever_happens_on_the_pitch():
    found = sample(NOON).life.row.opportunity
    assert found.proof.worst_roi > 0
    assert sum(leg.share for leg in found.legs) == pytest.approx(1)


@pytest.mark.parametrize(
    ("asked", "leaf"), [(1, 1), (PAGES, PAGES), (0, 2), (PAGES + 1, 2), ("3", 2), (True, 2)]
)
def test_only_a_page_that_exists_is_turned_to(window, asked, leaf):
    _, state = window
    state.leaf_to(asked)
    assert state.leaf == leaf
