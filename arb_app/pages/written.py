"""Every page in every language: English at its route, Spanish at the same below `/es`."""

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

import reflex as rx

from arb_app.components.languages import spoken
from arb_app.pages import PAGES, Page
from arb_app.reader import here, writing_for
from arb_app.words import say
from domain.preferences import Language, Preferences

NOWHERE: Final = "404"
PICTURE: Final = "/icons/icon-512.png"
IN_SPANISH: Final = rx.Var(
    f'(globalThis.location?.pathname ?? "").split("/")[1] === "{Language.SPANISH}"'
).to(bool)
"""Whether the page is one of those in Spanish; known to browsers only."""


def written() -> Iterator[dict[str, Any]]:
    """Return what `App.add_page` is given for each page and language."""
    for page, language in product(PAGES, Language):
        if page.route == NOWHERE:
            continue
        with writing_for(Preferences(language=language)):
            yield {
                "component": spoken(language, page.show),
                "route": here(page.route),
                **_head(page),
                "on_load": page.on_load,
                "meta": _alternates(page.route),
                "image": PICTURE,
            }
    yield from (_nowhere(page) for page in PAGES if page.route == NOWHERE)


def _head(page: Page) -> dict[str, str]:
    return {"title": f"{page.title()} · {say('product.name')}", "description": page.description()}


def _alternates(route: str) -> list[rx.Component]:
    """Return where the page is in which language; a route that names one thing is not told."""
    if "[" in route:
        return []
    links: list[rx.Component] = []
    for language in Language:
        with writing_for(Preferences(language=language)):
            links.append(rx.el.link(rel="alternate", href_lang=language.value, href=here(route)))
    return links


def _nowhere(page: Page) -> dict[str, Any]:
    """Return the page for unknown addresses: there is one, and its address says the language."""
    heads: dict[Language, dict[str, str]] = {}
    for language in Language:
        with writing_for(Preferences(language=language)):
            heads[language] = _head(page)
    english, spanish = (heads[each] for each in (Language.ENGLISH, Language.SPANISH))
    return {
        "component": lambda: rx.cond(
            IN_SPANISH,
            *(spoken(each, page.show)() for each in (Language.SPANISH, Language.ENGLISH)),
        ),
        "route": page.route,
        **{name: rx.cond(IN_SPANISH, spanish[name], english[name]) for name in english},
        "on_load": page.on_load,
        "image": PICTURE,
    }
