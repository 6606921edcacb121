"""A page in a language: its words, and its links, which lead to pages in the same language."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import reflex as rx
from reflex_base.components.component import BaseComponent
from reflex_base.vars.base import LiteralVar
from reflex_base.vars.sequence import LiteralStringVar
from reflex_components_core.el.elements.inline import A

from arb_app.reader import here, reader, writing_for
from arb_app.words import say
from domain.preferences import Language, Preferences

Shown = Callable[..., rx.Component]

_LINKS: Final = ("to", "href")


def spoken(language: Language, show: Shown) -> Shown:
    """Return a function of components as it is in a language, with links that stay in it.

    Reflex writes what it makes to a file named for the function's module: one a language, so that
    no page brings the words of another.
    """

    @wraps(show)
    def told(*given: Any, **named: Any) -> rx.Component:
        with writing_for(Preferences(language=language)):
            shown = show(*given, **named)
            if language is not Language.ENGLISH:
                _lead(shown)
        return shown

    if language is not Language.ENGLISH:
        told.__module__ = f"{show.__module__}.{language}"
    return told


def _lead(part: BaseComponent) -> None:
    """Have every link below lead to the page in the language of now; but not one to a translation.

    Those that a handler made lead there by themselves.
    """
    for name in _LINKS if getattr(part, "href_lang", None) is None else ():
        way = getattr(part, name, None)
        if isinstance(way, LiteralStringVar):
            setattr(part, name, LiteralVar.create(here(json.loads(str(way)))))
    for child in part.children:
        _lead(child)


def language_switch() -> rx.Component:
    """Return the way to the same page in the other language; `settings.js` finds that page."""
    now = reader().language
    other = next(each for each in Language if each is not now)
    with writing_for(Preferences(language=other)):
        start = here("/")
    # A link of the router's would keep the document, and with it the language that it is in.
    return A.create(
        rx.el.span(other.upper(), aria_hidden="true"),
        rx.el.span(say(f"language.{other}"), class_name="visually-hidden"),
        href=start,
        href_lang=other.value,
        lang=other.value,
        class_name="toggle language",
        custom_attrs={"data-language": other.value},
    )
