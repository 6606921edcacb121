"""What states, doors and delivery reach for, chosen once a process; tests install their own."""

from dataclasses import dataclass, field
from typing import Protocol

from arb_app.choices import Choices
from arb_app.visitors import Visitors
from domain.errors import Broken, Unavailable
from domain.plans import View
from domain.preferences import Language
from kit.clock import Clock
from services.calculations import Calculations
from services.work import Resources


class Board(Protocol):
    """Where the live board is handed out."""

    @property
    def age_s(self) -> float | None:
        """Seconds since the worker last published; None if this process never heard of it."""
        ...

    def join(
        self,
        session_id: str,
        view: View,
        token_hash: str = "",
        language: Language = Language.ENGLISH,
    ) -> None:
        """Send the socket a snapshot, and every patch after it, as the view shows them."""
        ...

    def leave(self, session_id: str) -> None:
        """Send the socket nothing more."""
        ...


@dataclass(slots=True)
class Runtime:
    """The process's clock, board, visitors, their choices and ledger, and its connections."""

    clock: Clock
    board: Board
    opened: Resources | None = None
    visitors: Visitors = field(default_factory=Visitors)
    choices: Choices = field(default_factory=Choices)
    calculations: Calculations = field(default_factory=Calculations)

    @property
    def resources(self) -> Resources:
        """The connections; raise `Unavailable` while PostgreSQL or Valkey was never reached."""
        if self.opened is None:
            raise Unavailable("PostgreSQL or Valkey has not been reached yet")
        return self.opened


_installed: list[Runtime] = []


def install(runtime: Runtime) -> None:
    """Make `runtime` the one that `current` returns."""
    _installed[:] = [runtime]


def current() -> Runtime:
    """Return the runtime of this process; raise `Broken` if none was installed."""
    if not _installed:
        raise Broken("no runtime was installed in this process")
    return _installed[0]


def calculated(actor: str, about: str, inputs: object) -> None:
    """Note what was calculated with, for the audit; nothing where no runtime was installed."""
    for runtime in _installed:
        runtime.calculations.note(actor, about, inputs)
