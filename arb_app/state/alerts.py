"""One reader's window on what is wrong now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import reflex as rx

from arb_app import words
from arb_app.gate import allow
from arb_app.runtime import current
from arb_app.state.sources import since
from arb_app.state.window import looks
from domain.alerts import ALL_SOURCES, GRAVE, Alert
from domain.errors import Unavailable
from services import alerts, status
from services.access import Permission, Subject
from services.work import begin

PAUSE_S: Final = 5.0
MOST_LINES: Final = 20


@dataclass(frozen=True)
class AlertLine:
    """One thing that is wrong, as text."""

    key: str = ""
    title: str = ""
    what: str = ""
    tone: str = "warn"
    sentence: str = ""
    since: str = ""


class AlertsState(rx.State):
    """What is wrong, the latest first; nothing, if all is well."""

    lines: rx.Field[list[AlertLine]] = rx.field(default_factory=list)

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VIEW_STATUS)
    async def live(self) -> None:
        """Follow what is wrong until the reader leaves the page."""
        async for subject in looks(self, PAUSE_S, Permission.VIEW_STATUS):
            lines = await told(subject)
            async with self:
                self._take(lines)

    def _take(self, lines: list[AlertLine] | None) -> None:
        """Copy the lines; those once shown stay while they cannot be asked for."""
        if lines is not None:
            self.lines = lines


async def told(subject: Subject) -> list[AlertLine] | None:
    """Return what is wrong, or None while that cannot be asked."""
    try:
        async with begin(current().resources, subject) as work:
            found = await alerts.open_alerts(work)
            titles = {one.name: one.title for one in await status.sources(work)} if found else {}
            return alert_lines(found, titles, work.clock.now())
    except Unavailable:
        return None


def alert_lines(found: Sequence[Alert], titles: dict[str, str], now: datetime) -> list[AlertLine]:
    """Return a line an alert, those that cost prices first."""
    ordered = sorted(found, key=lambda alert: alert.code not in GRAVE)
    return [
        AlertLine(
            key=f"{alert.subject} {alert.code}",
            title=words.say("alerts.all")
            if alert.subject == ALL_SOURCES
            else titles.get(alert.subject, alert.subject),
            what=words.say(f"alert.{alert.code}"),
            tone="bad" if alert.code in GRAVE else "warn",
            sentence=words.sentence(alert.sentence),
            since=since(alert.opened_at, now),
        )
        for alert in ordered[:MOST_LINES]
    ]
