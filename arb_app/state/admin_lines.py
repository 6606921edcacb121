"""Sources as admins see them, as text: pure functions of what the services say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from arb_app import format as as_text
from arb_app import words
from arb_app.state.sources import SourceLine, since, source_line
from arb_app.words import say
from domain.control import Given, Happened, Happening, Trial, TrialOutcome
from domain.quotes import Origin
from domain.sources import NotAsked, SourceHealth, SourceReliability, SourceState
from services.sources_admin import Managed, Overview, Part

PAGE_ROWS: Final = 20
FILTERS: Final = ("all", "healthy", "failing", "off", "unset")
_TONES: Final = {
    Given.NOWHERE: "plain",
    Given.ENVIRONMENT: "good",
    Given.STORE: "good",
    Given.UNREADABLE: "bad",
}
_TRIAL_TONES: Final = {
    TrialOutcome.ANSWERED: "good",
    TrialOutcome.UNCHANGED: "good",
    TrialOutcome.FAILED: "bad",
    TrialOutcome.NOT_ASKED: "warn",
}
_BAD: Final = frozenset({Happened.FAILED, Happened.BREAKER_OPENED})


@dataclass(frozen=True)
class AdminLine:
    """One source in the list."""

    name: str = ""
    title: str = ""
    state: str = ""
    tone: str = "plain"
    last: str = ""
    errors: str = ""
    quota: str = ""
    reliability: str = ""
    credential: str = ""
    opened: bool = False


@dataclass(frozen=True)
class PartLine:
    """A part of a credential: whether it is set, never what it is."""

    name: str = ""
    given: str = ""
    tone: str = "plain"
    since: str = ""
    reminder: str = ""
    stored: bool = False


@dataclass(frozen=True)
class LogLine:
    """Something that happened to the source."""

    key: str = ""
    at: str = ""
    what: str = ""
    bad: bool = False
    text: str = ""
    by: str = ""


@dataclass(frozen=True)
class TrialLine:
    """What came of the last question that an admin had asked."""

    id: str = ""
    outcome: str = ""
    tone: str = "plain"
    told: str = ""
    reasons: str = ""
    sentence: str = ""
    when: str = ""


@dataclass(frozen=True)
class Shown:
    """One page of the list, and how long it is."""

    lines: list[AdminLine] = field(default_factory=list)
    page: int = 1
    pages: int = 1
    total: int = 0


def shown(
    found: Overview,
    scores: Mapping[str, float],
    asked: tuple[str, str, int, str],
    now: datetime,
) -> Shown:
    """Return the page of the list that is asked for by words, filter, number and source opened."""
    query, chosen, page, opened = asked
    fit = [one for one in found.sources if _fits(one, query, chosen)]
    pages = max(1, -(-len(fit) // PAGE_ROWS))
    page = min(max(page, 1), pages)
    some = fit[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    lines = [_line(one, scores.get(one.name), opened, now) for one in some]
    return Shown(lines, page, pages, len(fit))


def scores_of(reliabilities: Sequence[SourceReliability]) -> dict[str, float]:
    """Return how far each source can be trusted, where that was measured."""
    return {one.whole.name: one.whole.score for one in reliabilities}


def detail(of: Managed, now: datetime) -> SourceLine:
    """Return how a source is doing."""
    return source_line(_health(of), now)


def part_lines(of: Managed, now: datetime) -> list[PartLine]:
    """Return the parts of a source's credential, with the age of those that the store holds."""
    reminder = say("admin.rotates") if of.rotates else ""
    return [_part(part, reminder, now) for part in of.parts]


def log_lines(found: Sequence[Happening], now: datetime) -> list[LogLine]:
    """Return a source's log, the latest first."""
    return [
        LogLine(
            key=f"{number} {one.at.timestamp()}",
            at=since(one.at, now),
            what=say(f"happened.{one.what}"),
            bad=one.what in _BAD,
            text=one.text,
            by=say("admin.by", who=as_text.actor(one.by)) if one.by else "",
        )
        for number, one in enumerate(found)
    ]


def trial_line(found: Trial | None, now: datetime) -> TrialLine:
    """Return what came of a trial; an empty line if there was none."""
    if found is None:
        return TrialLine()
    rejected = sum(found.rejected.values())
    told = say(
        "trial.told",
        quotes=as_text.count(found.quotes),
        rejected=as_text.count(rejected),
        took=f"{found.took_s:.2f}",
    )
    reasons = sorted(found.rejected.items(), key=lambda item: -item[1])
    return TrialLine(
        id=found.asked.id,
        outcome=say(f"trial.{found.outcome}"),
        tone=_TRIAL_TONES[found.outcome],
        told=told if found.outcome is TrialOutcome.ANSWERED else "",
        reasons="\n".join(f"{as_text.count(n)}  {words.rejection(name)}" for name, n in reasons),
        sentence=words.sentence(found.sentence),
        when=since(found.asked.at, now),
    )


def _fits(of: Managed, query: str, chosen: str) -> bool:
    if query.lower().strip() not in f"{of.name} {of.title}".lower():
        return False
    state = _health(of).state
    wanted = {
        "healthy": state is SourceState.HEALTHY,
        "failing": state is SourceState.FAILING,
        "off": state is SourceState.OFF,
        "unset": any(part.given is Given.NOWHERE for part in of.parts),
    }
    return wanted.get(chosen, True)


def _line(of: Managed, score: float | None, opened: str, now: datetime) -> AdminLine:
    line = detail(of, now)
    none = as_text.NONE
    return AdminLine(
        name=of.name,
        title=of.title,
        state=line.state,
        tone=line.tone,
        last=line.last,
        errors=line.failures,
        quota=line.quota,
        reliability=none if score is None else as_text.percent(score, digits=0, signed=False),
        credential=_credential(of),
        opened=of.name == opened,
    )


def _credential(of: Managed) -> str:
    if not of.parts:
        return say("admin.credential.none")
    given = sum(part.given in {Given.STORE, Given.ENVIRONMENT} for part in of.parts)
    if given == len(of.parts):
        return say("admin.credential.set")
    return say("admin.credential.part" if given else "admin.credential.unset")


def _part(part: Part, reminder: str, now: datetime) -> PartLine:
    told = ""
    if part.set_at is not None:
        told = say("admin.part.since", ago=since(part.set_at, now), who=as_text.actor(part.set_by))
    return PartLine(
        name=part.name,
        given=say(f"given.{part.given}"),
        tone=_TONES[part.given],
        since=told,
        reminder=reminder,
        stored=part.given in {Given.STORE, Given.UNREADABLE},
    )


def _health(of: Managed) -> SourceHealth:
    """Return a source's health; one that nobody ever followed is off."""
    return of.health or SourceHealth(
        name=of.name,
        title=of.title,
        origin=Origin.LIVE,
        state=SourceState.OFF,
        not_asked=NotAsked.NOT_FOLLOWED,
    )
