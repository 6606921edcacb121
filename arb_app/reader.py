"""Who reads: the choices by which words and figures are written, wherever they are written."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from domain.preferences import Language, Preferences

_USUAL: Final = Preferences()
_reader: ContextVar[Preferences] = ContextVar("reader", default=_USUAL)
_OWN: Final = re.compile(r"/(?!/|auth/|assets/|es(?=[/?#]|$))")


def reader() -> Preferences:
    """Return the choices of whom this is written for; the usual ones where nobody is known."""
    return _reader.get()


def write_for(chosen: Preferences) -> None:
    """Write all that follows in this task, and in what it starts, for one reader."""
    _reader.set(chosen)


@contextmanager
def writing_for(chosen: Preferences) -> Iterator[None]:
    """Write what happens inside for one reader."""
    token = _reader.set(chosen)
    try:
        yield
    finally:
        _reader.reset(token)


def language_of(path: object) -> Language:
    """Return the language of the page at a path: those in Spanish stand below `/es`.

    Examples:
        >>> [language_of(path).value for path in ("/es", "/es/board", "/esports", "/", None)]
        ['es', 'es', 'en', 'en', 'en']
    """
    first = path.split("/")[1:2] if isinstance(path, str) else []
    return Language.SPANISH if first == [Language.SPANISH.value] else Language.ENGLISH


def here(path: str) -> str:
    """Return a path of ours in the language of whom this is written for.

    Examples:
        >>> here("/board")
        '/board'
        >>> with writing_for(Preferences(language=Language.SPANISH)):
        ...     [here(path) for path in ("/board", "/", "/es/board", "#main", "https://x.y/z")]
        ['/es/board', '/es', '/es/board', '#main', 'https://x.y/z']
    """
    language = reader().language
    if language is Language.ENGLISH or not _OWN.match(path):
        return path
    return f"/{language}{path}".rstrip("/")
