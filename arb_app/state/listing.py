"""Lists: windows that are turned page by page, searched, and taken away as a file.

A mixin cannot know who may search or turn its lists: those handlers have no door, and so are shut,
until the class of a page opens them with `allow_inherited`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, cast
from urllib.parse import urlencode

import reflex as rx

from arb_app import format as as_text
from arb_app.gate import allow
from arb_app.state.window import WindowState
from arb_app.words import say
from services.access import Permission

PAGE_ROWS: Final = 25
LONGEST: Final = 254


class PagedState(WindowState, mixin=True):
    """A list of which one page is in view."""

    page: rx.Field[int] = rx.field(default=1)
    pages: rx.Field[int] = rx.field(default=1)

    @rx.event
    async def turn_to(self, page: Any) -> None:
        """Show another page."""
        if type(page) is int and 1 <= page <= self.pages:
            self.page = page
            self._drop()
            await self._load()

    def _start(self) -> int:
        return (self.page - 1) * PAGE_ROWS

    def _count(self, total: int) -> None:
        self.pages = max(1, -(-total // PAGE_ROWS))

    def _chosen(self) -> object:
        return self.page

    def _drop(self) -> None:
        """Ask no longer about something that may not be in view any more."""


class SearchedState(PagedState, mixin=True):
    """A list that shows what fits; the reader's own is what was searched for."""

    FIELDS: ClassVar[tuple[str, ...]] = ()
    summed: rx.Field[str] = rx.field("")
    export: rx.Field[str] = rx.field("")
    _asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    @rx.event
    async def search(self, form: Any) -> None:
        """Show what fits what was typed."""
        await self._sought(typed(form, self.FIELDS))

    async def _sought(self, asked: dict[str, str]) -> None:
        self._asked, self.page = asked, 1
        self._drop()
        await self._load()

    def _chosen(self) -> object:
        return self._asked, self.page


class ListState(SearchedState, mixin=True):
    """A list that begins with everything; whoever may not see it is told so."""

    @rx.event
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Show the first page of everything."""
        await self._sought({})


def typed(form: Any, names: tuple[str, ...]) -> dict[str, str]:
    """Return the texts of a form's fields; a client may send anything."""
    told = cast("Mapping[str, Any]", form) if isinstance(form, Mapping) else {}
    found = ((name, told.get(name)) for name in names)
    return {name: text[:LONGEST] for name, text in found if isinstance(text, str)}


def link(path: str, asked: Mapping[str, str]) -> str:
    """Return the address of the file of what was asked for.

    Examples:
        >>> link("/exports/audit.csv", {"who": "a&b", "about": ""})
        '/exports/audit.csv?who=a%26b'
    """
    told = {name: text for name, text in asked.items() if text}
    return f"{path}?{urlencode(told)}" if told else path


def summed(total: int, many: str, one: str = "", more: str = "", most: int = 0) -> str:
    """Return how many a search found, in a sentence of many, of one, or of more than were counted.

    Args:
        total: How many were counted.
        many: The key of the sentence.
        one: The key of that for one, if it is said otherwise.
        more: The key of that for `most` and more, if counting ends there.
        most: Where counting ends.
    """
    key = one if one and total == 1 else many
    if more and total >= most:
        key, total = more, most
    return say(key, total=as_text.count(total))
