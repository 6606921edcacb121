"""Sources that are known from recordings alone: never asked, an answer a reading."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Request
from feeds.card import Sheet


def of_recordings(name: str, title: str, markets: frozenset[str], terms: str) -> Manifest:
    """Return the manifest of a source that nobody asks: it has no hosts."""
    return Manifest(
        name=name,
        title=f"{title} (recording)",
        basis=Basis.RECORDED,
        sports=frozenset(),
        markets=markets,
        terms=terms,
    )


class RecordedFeed(Feed):
    """A source of which only files are read."""

    def plan(self, sports: Sequence[str]) -> list[Request]:  # noqa: ARG002  nothing is asked
        """Return nothing."""
        return []

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of a recorded answer."""
        sheet = Sheet(payload, recorded=True)
        self.take(sheet, said.decoded(payload.body))
        yield sheet.reading(complete=True)

    @abstractmethod
    def take(self, sheet: Sheet, answer: Any) -> None:
        """Put what an answer says on its sheet.

        Raises:
            FeedDrifted: The answer as a whole is not of the recorded shape.
        """
