"""Alerts: what is wrong with the sources for long enough to be told, and told once."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.alerts import ALL_SOURCES, GRAVE, Alert, AlertCode
from domain.control import StoredPart
from domain.sources import NotAsked, SourceHealth, SourceState
from feeds.base import Manifest, Wire
from kit.clock import Clock
from store import alerts as stored
from store.credentials import listed
from store.db import Database, Session

log = logging.getLogger(__name__)

# How long something must be wrong before it is told, and right before it counts as mended.
OPENS_AFTER_S: Mapping[AlertCode, float] = {
    AlertCode.FAILING: 300.0,
    AlertCode.BREAKER_OPEN: 0.0,
    AlertCode.QUOTA_LOW: 0.0,
    AlertCode.QUOTA_SPENT: 0.0,
    AlertCode.SILENT: 0.0,
    AlertCode.ALL_DOWN: 60.0,
    AlertCode.CREDENTIAL_OLD: 0.0,
}
CLOSES_AFTER_S = 30.0
SILENT_INTERVALS, SILENT_S, SILENT_STREAM_S = 5, 300.0, 900.0
QUOTA_LOW_SHARE, QUOTA_AHEAD = 0.1, 2.0
CREDENTIAL_AGE = timedelta(hours=24)

Key = tuple[str, AlertCode]
_IDLE = frozenset({SourceState.OFF, SourceState.FINISHED})


@dataclass(kw_only=True)
class Alerts:
    """Watches the healths of all sources that `manifests` names, whoever follows them.

    Several workers may watch the same: an alert is open once, and the first to see it writes it.
    """

    database: Database
    clock: Clock
    healths: Callable[[], Awaitable[Sequence[SourceHealth]]]
    manifests: Mapping[str, Manifest]
    retention_days: int = 90
    _wrong_since_s: dict[Key, float] = field(default_factory=dict[Key, float], init=False)
    _right_since_s: dict[Key, float] = field(default_factory=dict[Key, float], init=False)
    _first_seen: dict[str, datetime] = field(default_factory=dict[str, datetime], init=False)

    async def alert(self) -> None:
        """Open an alert for what has been wrong for long enough, and close those that are mended.

        Raises:
            Unavailable: PostgreSQL or Valkey cannot be asked.
        """
        now = self.clock.now()
        healths = [one for one in await self.healths() if one.name in self.manifests]
        async with self.database.begin() as db:
            wrong = self._wrong(healths, await listed(db), now)
            opened = {(one.subject, one.code) for one in await stored.open_alerts(db)}
            for key in self._lasting(wrong):
                if key not in opened:
                    await self._open(db, key, wrong[key], now)
            for key in self._mended(opened, wrong):
                await self._close(db, key, now)
            await stored.forget_closed_before(db, now - timedelta(days=self.retention_days))

    def _wrong(
        self, healths: Sequence[SourceHealth], parts: Sequence[StoredPart], now: datetime
    ) -> dict[Key, str]:
        found: dict[Key, str] = {}
        for health in healths:
            since = self._first_seen.setdefault(health.name, now)
            for code, sentence in troubles(health, self.manifests[health.name], since, now).items():
                found[health.name, code] = sentence
        if down := all_down(healths, self.manifests, now):
            found[ALL_SOURCES, AlertCode.ALL_DOWN] = down
        for part in parts:
            if old := self._old(part, now):
                found[part.source, AlertCode.CREDENTIAL_OLD] = old
        return found

    def _old(self, part: StoredPart, now: datetime) -> str:
        manifest = self.manifests.get(part.source)
        if manifest is None or not manifest.rotates or now - part.set_at <= CREDENTIAL_AGE:
            return ""
        return "Its credential is older than a day, and the vendor lets it be renewed."

    def _lasting(self, wrong: Mapping[Key, str]) -> list[Key]:
        now_s = self.clock.monotonic()
        self._wrong_since_s = {key: self._wrong_since_s.get(key, now_s) for key in wrong}
        since = self._wrong_since_s
        return [key for key in wrong if now_s - since[key] >= OPENS_AFTER_S[key[1]]]

    def _mended(self, opened: set[Key], wrong: Mapping[Key, str]) -> list[Key]:
        now_s = self.clock.monotonic()
        right = sorted(opened.difference(wrong))
        self._right_since_s = {key: self._right_since_s.get(key, now_s) for key in right}
        return [key for key in right if now_s - self._right_since_s[key] >= CLOSES_AFTER_S]

    async def _open(self, db: Session, key: Key, sentence: str, now: datetime) -> None:
        subject, code = key
        alert = Alert(subject=subject, code=code, sentence=sentence, opened_at=now)
        if await stored.open_alert(db, alert):
            level = logging.ERROR if code in GRAVE else logging.WARNING
            log.log(level, "alert", extra={"subject": subject, "code": code, "why": sentence})

    async def _close(self, db: Session, key: Key, now: datetime) -> None:
        if await stored.close_alert(db, *key, now):
            log.info("alert over", extra={"subject": key[0], "code": key[1]})


def troubles(
    health: SourceHealth, manifest: Manifest, first_seen: datetime, now: datetime
) -> dict[AlertCode, str]:
    """Return what is wrong with a source at an instant, in a sentence by its code.

    One that is off, because an admin, its terms or a missing credential say so, has no trouble.
    """
    if health.state in _IDLE:
        return {}
    found: dict[AlertCode, str] = {}
    note = health.note.removeprefix(f"{health.name}: ").rstrip(".")
    if health.not_asked is NotAsked.BREAKER_OPEN:
        found[AlertCode.BREAKER_OPEN] = f"It failed so often that it is left alone: {note}."
    elif health.state is SourceState.FAILING:
        found[AlertCode.FAILING] = f"It keeps failing: {note}."
    if _is_silent(health, manifest, first_seen, now):
        found[AlertCode.SILENT] = "It has not answered for several intervals."
    return found | _of_quota(health, manifest, now)


def all_down(
    healths: Sequence[SourceHealth], manifests: Mapping[str, Manifest], now: datetime
) -> str:
    """Return a sentence if no source that is asked answers; "" if one does or none is asked."""
    asked = [one for one in healths if one.state not in _IDLE]
    if any(_answers(one, manifests[one.name], now) for one in asked) or not asked:
        return ""
    return f"None of the {len(asked)} sources that are asked answers."


def _answers(health: SourceHealth, manifest: Manifest, now: datetime) -> bool:
    """Say whether a source works, be it in part: other scopes of it may answer."""
    if health.state is not SourceState.FAILING:
        return True
    within = timedelta(seconds=2 * manifest.min_interval_s)
    return health.last_answer_at is not None and now - health.last_answer_at < within


def _is_silent(
    health: SourceHealth, manifest: Manifest, first_seen: datetime, now: datetime
) -> bool:
    if health.state is SourceState.FAILING or health.not_asked is not None:
        return False
    polled_s = max(SILENT_S, SILENT_INTERVALS * manifest.min_interval_s)
    most_s = polled_s if manifest.wire is Wire.REST else SILENT_STREAM_S
    known = (first_seen, health.last_answer_at, health.next_due_at)
    last = max(at for at in known if at is not None)
    return (now - last).total_seconds() > most_s


def _of_quota(health: SourceHealth, manifest: Manifest, now: datetime) -> dict[AlertCode, str]:
    quota, left, ends_at = manifest.quota, health.quota_left, health.quota_ends_at
    if quota is None or not quota.credits or left is None or ends_at is None or ends_at <= now:
        return {}
    until = f"until {ends_at:%-d %b %H:%M} UTC"
    if left < 1:
        return {AlertCode.QUOTA_SPENT: f"Its quota is spent {until}."}
    time_left, share = (ends_at - now).total_seconds() / quota.period_s, left / quota.credits
    if share < QUOTA_LOW_SHARE and time_left > QUOTA_AHEAD * share:
        return {AlertCode.QUOTA_LOW: f"Only {share:.0%} of its quota is left {until}."}
    return {}
