"""Steps: what a command is doing, and the seconds that each part of it took."""

from collections.abc import Generator
from contextlib import contextmanager

import typer

from kit.clock import Clock


class Steps:
    """A running account, one line a step, on standard output."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.began_at = clock.now()
        self._began = clock.monotonic()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the account was opened."""
        return self.clock.monotonic() - self._began

    def say(self, text: str) -> None:
        """Show a line at once."""
        typer.echo(text)

    def took(self, name: str, seconds: float) -> None:
        """Show a step that is done."""
        self.say(f"  {name:<12}{seconds:6.1f} s")

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """Show how long the block took, if it succeeds."""
        began = self.clock.monotonic()
        yield
        self.took(name, self.clock.monotonic() - began)
