"""Sources as the status page shows them: those that are followed, and two folded groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from arb_app import format as as_text
from arb_app import words
from arb_app.words import say
from domain.quotes import Origin
from domain.sources import NotAsked, SourceHealth, SourceState

_MOST: Final = 60
_TONES: Final = {
    SourceState.STARTING: "plain",
    SourceState.HEALTHY: "good",
    SourceState.FAILING: "bad",
    SourceState.FINISHED: "plain",
    SourceState.OFF: "plain",
}


@dataclass(frozen=True)
class SourceLine:
    """One source as the page shows it."""

    name: str = ""
    title: str = ""
    origin: str = ""
    origin_tone: str = "accent"
    state: str = ""
    tone: str = "plain"
    why: str = ""
    note: str = ""
    last: str = ""
    next: str = ""
    quotes: str = ""
    lag: str = ""
    failures: str = ""
    quota: str = ""
    quota_ends: str = ""
    rejected: str = ""
    reasons: str = ""


@dataclass(frozen=True)
class FoldedLine:
    """A source that takes no part now, and in `text` what it lacks or when it last answered."""

    name: str = ""
    title: str = ""
    text: str = ""


@dataclass(frozen=True)
class Folded:
    """Sources that the page folds away beneath a heading, which is empty if there are none."""

    heading: str = ""
    lines: list[FoldedLine] = field(default_factory=list)


class Sources(NamedTuple):
    """All sources: those followed, those that lack a credential, those that nobody follows."""

    followed: list[SourceLine]
    unset: Folded
    idle: Folded


def source_lines(healths: Sequence[SourceHealth], now: datetime) -> Sources:
    """Return the sources in their groups."""
    unset = [one for one in healths if one.not_asked is NotAsked.NO_CREDENTIAL]
    idle = [one for one in healths if one.not_asked is NotAsked.NOT_FOLLOWED]
    followed = [one for one in healths if one not in unset and one not in idle]
    return Sources(
        [source_line(one, now) for one in followed[:_MOST]],
        _folded("status.unset", [(one, "\n".join(one.needs)) for one in unset]),
        _folded("status.idle", [(one, since(one.last_answer_at, now)) for one in idle]),
    )


def source_line(health: SourceHealth, now: datetime) -> SourceLine:
    """Return a source's line; what was rejected is listed by reason, the commonest first."""
    return SourceLine(
        name=health.name,
        title=health.title,
        origin=words.origin_chip(health.origin),
        origin_tone="accent" if health.origin is Origin.LIVE else "warn",
        state=words.source_state(health.state),
        tone=_TONES[health.state],
        why="" if health.not_asked is None else words.not_asked(health.not_asked),
        note=_sentence(health),
        last=since(health.last_answer_at, now),
        next=_until(health.next_due_at, now),
        quotes=as_text.count(health.quotes),
        lag=as_text.age(health.lag_s),
        failures=_failures(health),
        quota=as_text.NONE if health.quota_left is None else f"{health.quota_left:,.0f}",
        quota_ends=_quota_ends(health.quota_ends_at, now),
        rejected=_rejected(health.rejected),
        reasons=_reasons(health.rejected),
    )


def since(at: datetime | None, now: datetime) -> str:
    """Return how long ago something was, or that it never was."""
    if at is None:
        return say("status.never")
    return say("opportunity.ago", age=as_text.age((now - at).total_seconds()))


def _folded(key: str, sources: Sequence[tuple[SourceHealth, str]]) -> Folded:
    lines = [FoldedLine(one.name, one.title, text) for one, text in sources[:_MOST]]
    return Folded(say(key, count=len(sources)), lines) if sources else Folded()


def _sentence(health: SourceHealth) -> str:
    """Return what a source says of itself, without its name, which stands above it."""
    note = health.note.removeprefix(f"{health.name}: ").strip()
    return note and f"{words.sentence(note.rstrip('.'))}."


def _failures(health: SourceHealth) -> str:
    count = as_text.count(health.failures)
    if health.error_rate is None:
        return count
    rate = as_text.percent(health.error_rate, digits=0, signed=False)
    return say("status.errors.of", rate=rate, count=count)


def _quota_ends(at: datetime | None, now: datetime) -> str:
    return "" if at is None else say("status.quota.ends", ahead=_until(at, now))


def _until(at: datetime | None, now: datetime) -> str:
    if at is None:
        return as_text.NONE
    left_s = (at - now).total_seconds()
    return say("opportunity.ahead", age=as_text.age(left_s)) if left_s >= 1 else say("status.now")


def _rejected(reasons: Mapping[str, int]) -> str:
    total = sum(reasons.values())
    if not total:
        return say("status.rejected.none")
    return say("status.rejected", count=as_text.count(total))


def _reasons(reasons: Mapping[str, int]) -> str:
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return "\n".join(f"{as_text.count(count)}  {words.rejection(name)}" for name, count in ordered)
