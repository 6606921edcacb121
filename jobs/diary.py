"""The diary: what happened to a source between two looks at its health."""

from collections.abc import Callable
from datetime import datetime, timedelta

from domain.control import Happened, Happening
from domain.sources import NotAsked, SourceHealth, SourceState
from kit.clock import Clock

# A failure that says the same as the last is not written again within this time.
SAME_FAILURE = timedelta(minutes=1)


class Diary:
    """Remembers how each source was. `hidden` takes a source's secrets out of a text."""

    def __init__(self, clock: Clock, hidden: Callable[[str, str], str]) -> None:
        self._clock, self._hidden = clock, hidden
        self._seen: dict[str, SourceHealth] = {}
        self._failed: dict[str, tuple[str, datetime]] = {}

    def lines(self, health: SourceHealth) -> list[Happening]:
        """Return what happened to a source since the last look."""
        before, self._seen[health.name] = self._seen.get(health.name), health
        if before is None:
            before = SourceHealth(
                name=health.name,
                title=health.title,
                origin=health.origin,
                state=SourceState.STARTING,
            )
        happened = _between(before, health)
        if happened is None or self._is_same(health, happened):
            return []
        note = "" if happened is Happened.ANSWERED else health.note.removeprefix(f"{health.name}: ")
        text = self._hidden(note, health.name)
        return [Happening(at=self._clock.now(), what=happened, text=text)]

    def _is_same(self, health: SourceHealth, happened: Happened) -> bool:
        if happened is not Happened.FAILED:
            self._failed.pop(health.name, None)
            return False
        now = self._clock.now()
        note, at = self._failed.get(health.name, ("", now - SAME_FAILURE))
        if note == health.note and now - at < SAME_FAILURE:
            return True
        self._failed[health.name] = (health.note, now)
        return False


def _between(before: SourceHealth, after: SourceHealth) -> Happened | None:
    opened = after.not_asked is NotAsked.BREAKER_OPEN
    if opened and before.not_asked is not NotAsked.BREAKER_OPEN:
        return Happened.BREAKER_OPENED
    if after.failures > before.failures:
        return Happened.FAILED
    if after.state is SourceState.HEALTHY and before.state is not SourceState.HEALTHY:
        return Happened.ANSWERED
    return None
