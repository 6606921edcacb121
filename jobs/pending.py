"""Pending: what is asked of a source now, beside its turn, and the answers as readings."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.questions import Answer, Question
from domain.quotes import Origin, Reading
from feeds.base import Request
from kit.clock import Clock

AGAIN_AFTER = timedelta(seconds=2)
FORGOTTEN_AFTER = timedelta(seconds=3)
MOST_PENDING = 64
MOST_KNOWN = 20_000


class Asked(NamedTuple):
    """A request that is to be made again, and the scope of the plan that it belongs to."""

    root: str
    request: Request


@dataclass(slots=True)
class _Waiting:
    since: datetime
    ids: list[str] = field(default_factory=list[str])
    scope: str = ""


@dataclass(slots=True)
class Pending:
    """The questions that wait for a source, by the scope of its readings that they are about.

    It remembers which request each scope was named by: a reading's scope may be a part of what one
    request brings. What has answered less than `AGAIN_AFTER` ago is not asked again: that answer
    counts. A question that nobody answers in time is forgotten, as by those who ask.
    """

    source: str
    clock: Clock
    _waiting: dict[str, _Waiting] = field(default_factory=dict[str, _Waiting])
    _named_by: dict[str, Asked] = field(default_factory=dict[str, Asked])
    _answered_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    _ready: list[Reading] = field(default_factory=list[Reading])

    def __bool__(self) -> bool:
        """Whether any question waits that was not looked at."""
        return any(not waiting.scope for waiting in self._waiting.values())

    def ask(self, questions: Iterable[Question]) -> None:
        """Take up questions, as many scopes at once as there is room for."""
        now = self.clock.now()
        for one in questions:
            if one.scope not in self._waiting and len(self._waiting) >= MOST_PENDING:
                self._ready.append(self.answer([one.id], told=False))
                continue
            waiting = self._waiting.setdefault(one.scope, _Waiting(now))
            if len(waiting.ids) < MOST_PENDING:
                waiting.ids.append(one.id)

    def note(self, root: str, request: Request, readings: Collection[Reading]) -> None:
        """Remember an answer, and which scopes it named."""
        now = self.clock.now()
        self._answered_at = {
            scope: at for scope, at in self._answered_at.items() if now - at <= AGAIN_AFTER
        } | {request.scope: now}
        for scope in {reading.scope for reading in readings}:
            self._named_by.pop(scope, None)
            self._named_by[scope] = Asked(root, request)
        while len(self._named_by) > MOST_KNOWN:
            del self._named_by[next(iter(self._named_by))]

    def wanted(self, plan: Sequence[Request], barred: Collection[str]) -> list[Asked]:
        """Return the requests to make for what waits; what cannot be asked is turned down.

        Args:
            plan: What the source is asked for in any case.
            barred: The scopes that fail, which asking more often would not mend.
        """
        now, roots = self.clock.now(), {request.scope: request for request in plan}
        wanted: list[Asked] = []
        for scope, waiting in list(self._waiting.items()):
            asked = self._asked(scope, roots)
            at = self._answered_at.get(asked.request.scope) if asked else None
            if now - waiting.since >= FORGOTTEN_AFTER:
                del self._waiting[scope]
            elif asked is None or asked.request.scope in barred:
                self._settle(scope, told=False)
            elif at is not None and now - at <= AGAIN_AFTER:
                self._settle(scope, told=True, at=at)
            else:
                waiting.scope = asked.request.scope
                wanted.append(asked)
        return wanted

    def settle(self, request: Request, *, told: bool) -> None:
        """Answer the questions that a request was to be made for: it was answered, or not."""
        for scope in [s for s, waiting in self._waiting.items() if waiting.scope == request.scope]:
            self._settle(scope, told=told)

    def rest(self) -> list[Reading]:
        """Turn down what was to be asked in this round and was not; return all that is ready."""
        for scope in [scope for scope, waiting in self._waiting.items() if waiting.scope]:
            self._settle(scope, told=False)
        return self.ready()

    def ready(self) -> list[Reading]:
        """Return the answers that are to be handed on."""
        ready, self._ready = self._ready, []
        return ready

    def root(self, scope: str) -> str:
        """Return the scope of the plan that a reading's scope belongs to."""
        return self._named_by[scope].root if scope in self._named_by else scope

    def answer(self, ids: Sequence[str], *, told: bool, at: datetime | None = None) -> Reading:
        """Return an answer as a reading of no prices; `at` is when it was given, if not now."""
        at = at or self.clock.now()
        return Reading(
            source=self.source,
            scope="",
            origin=Origin.LIVE,
            as_of=at,
            arrived_at=at,
            complete=False,
            events=[],
            quotes=[],
            answer=Answer(questions=list(ids), told=told),
        )

    def _asked(self, scope: str, roots: Mapping[str, Request]) -> Asked | None:
        known = self._named_by.get(scope)
        root = roots.get(known.root if known else scope)
        if root is None:
            return None
        is_root = known is None or known.request.scope == root.scope
        return Asked(root.scope, root) if is_root else known

    def _settle(self, scope: str, *, told: bool, at: datetime | None = None) -> None:
        waiting = self._waiting.pop(scope)
        self._ready.append(self.answer(waiting.ids, told=told, at=at))
