from datetime import timedelta

import pytest

from arb_app.state.sources import Folded, Sources, source_line, source_lines
from arb_app.state.status import StatusState, look_around, part_lines
from domain.quotes import Origin
from domain.sources import NotAsked, SourceState
from services.access import ANONYMOUS
from services.status import Health
from tests.facts import NOON, a_health

WELL = Health(postgres=True, valkey=True, board_age_s=1.0, workers={"one": {}})


def tones(health):
    return [line.tone for line in part_lines(health)]


def test_when_all_is_well_every_part_says_so():
    assert tones(WELL) == ["good"] * 4


def test_each_part_that_fails_says_so_by_itself():
    assert tones(Health(postgres=False, valkey=True, board_age_s=1.0, workers={"w": {}})) == [
        "good", "good", "bad", "good",
    ]  # fmt: skip
    assert tones(Health(postgres=True, valkey=False)) == ["bad", "bad", "good", "bad"]


@pytest.mark.parametrize(("age_s", "tone"), [(None, "bad"), (9.9, "good"), (10.1, "warn")])
def test_a_board_is_late_when_readiness_calls_it_so(age_s, tone):
    health = Health(postgres=True, valkey=True, board_age_s=age_s, workers={"w": {}})
    assert tones(health)[0] == tone
    assert health.ready == (tone == "good")


@pytest.mark.parametrize("state", SourceState)
def test_every_state_of_a_source_has_a_tone_and_words(state):
    line = source_line(a_health(state=state), NOON)
    assert line.tone in {"plain", "good", "bad"}
    assert line.state


def test_a_failing_source_does_not_look_well():
    assert source_line(a_health(state=SourceState.FAILING), NOON).tone == "bad"


@pytest.mark.parametrize(
    ("origin", "tone"),
    [(Origin.LIVE, "accent"), (Origin.REPLAY, "warn"), (Origin.SIMULATED, "warn")],
)
def test_a_source_of_unreal_prices_is_stamped(origin, tone):
    assert source_line(a_health(origin=origin), NOON).origin_tone == tone


def test_what_was_rejected_is_listed_by_reason_the_commonest_first():
    health = a_health(rejected={"duplicate": 3, "odds_not_above_one": 1200, "new_reason": 3})
    line = source_line(health, NOON)
    assert line.rejected == "1,206 rejected"
    assert line.reasons.splitlines() == [
        "1,200  Odds of one or less",
        "3  Sent twice",
        "3  New reason",
    ]


def test_a_source_that_never_answered_says_so():
    line = source_line(a_health(last_answer_at=None, rejected={}, lag_s=None), NOON)
    assert (line.last, line.lag, line.rejected, line.reasons) == (
        "never", "\u2013", "none rejected", "",
    )  # fmt: skip


def test_times_are_told_from_now():
    due = a_health(next_due_at=NOON + timedelta(minutes=3))
    line = source_line(due, NOON + timedelta(seconds=20))
    assert (line.last, line.next) == ("20 s ago", "in 2 min")
    assert source_line(due, NOON + timedelta(minutes=4)).next == "now"


def test_a_quota_is_told_with_its_end_and_failures_with_their_rate():
    health = a_health(
        quota_left=482.0, quota_ends_at=NOON + timedelta(days=3), error_rate=0.04, failures=12
    )
    line = source_line(health, NOON)
    assert (line.quota, line.quota_ends, line.failures) == ("482", "anew in 3 d", "4 % (12)")
    line = source_line(a_health(failures=1), NOON)
    assert (line.quota, line.quota_ends, line.failures) == ("\u2013", "", "1")


def test_why_a_source_is_not_asked_is_a_sentence_beside_what_it_says():
    health = a_health("beta", not_asked=NotAsked.BREAKER_OPEN, note="beta: it is too slow")
    line = source_line(health, NOON)
    assert (line.why, line.note) == (
        "Not asked for a while, because it kept failing.", "It is too slow.",
    )  # fmt: skip
    line = source_line(a_health(), NOON)
    assert (line.why, line.note) == ("", "")


def test_sources_that_take_no_part_are_folded_away_with_what_they_lack():
    off = SourceState.OFF
    lacking = a_health("beta", state=off, not_asked=NotAsked.NO_CREDENTIAL, needs=("ONE", "OTHER"))
    gone = a_health("gamma", state=off, not_asked=NotAsked.NOT_FOLLOWED)
    here = a_health("delta", state=off, not_asked=NotAsked.REGION_REFUSED)
    found = source_lines([a_health("alpha"), lacking, gone, here], NOON)
    assert [line.name for line in found.followed] == ["alpha", "delta"]
    assert found.unset.heading == "1 more can be set up"
    assert [(line.title, line.text) for line in found.unset.lines] == [("Beta", "ONE\nOTHER")]
    assert [(line.title, line.text) for line in found.idle.lines] == [("Gamma", "0 s ago")]


def test_without_such_sources_there_is_no_group():
    found = source_lines([a_health()], NOON)
    assert (found.unset, found.idle) == (Folded(), Folded())


def test_lines_stay_when_the_servers_go_away_and_are_called_late():
    state = StatusState()
    state._take(([*part_lines(WELL)], Sources([], Folded(), Folded())))
    state._take(None)
    assert (state.phase, state.late, len(state.parts)) == ("found", True, 4)


def test_a_page_opened_while_the_servers_are_away_says_so():
    state = StatusState()
    state._take(None)
    assert (state.phase, state.late) == ("away", False)


@pytest.mark.usefixtures("running")
async def test_health_and_sources_are_looked_up_together(cache):
    await cache.put_source(a_health("beta"))
    await cache.put_source(a_health("alpha"))
    parts, sources = await look_around(ANONYMOUS)
    assert [line.name for line in sources.followed] == ["alpha", "beta"]
    assert parts[2].tone == "good"


@pytest.mark.usefixtures("starting")
async def test_before_the_servers_answer_there_is_nothing_to_show():
    assert await look_around(ANONYMOUS) is None
