"""The gallery: every token and every component in its states, drawn by what pages are made of."""

import reflex as rx

from arb_app.components.board_grid import board_grid
from arb_app.components.doubt import confirmation
from arb_app.components.fields import choice
from arb_app.components.guard import admin_only
from arb_app.components.icons import NAMES, icon, mark
from arb_app.components.layout import button_link, page
from arb_app.components.legs import leg_list
from arb_app.components.margins import margin_list
from arb_app.components.notice import ICONS, away, chip, empty, loading, notice, toned_chip
from arb_app.components.pager import pager
from arb_app.components.proof import proof_card
from arb_app.components.refusals import refusal_list
from arb_app.components.sheet import sheet
from arb_app.components.stakes import stake_card
from arb_app.components.swatches import colours, contrasts, motions, panels, steps
from arb_app.components.when import local_time
from arb_app.state.admin_matching import MERGE
from arb_app.state.gallery import GalleryState as State
from arb_app.theme import THEMES
from arb_app.words import say


def admin_gallery() -> rx.Component:
    """Return the page; what stands on its own is in either theme, the rest in the page's."""
    found = rx.el.div(
        rx.el.p(say("gallery.lede"), class_name="lede"),
        _part("colours", panels((each, colours(each)) for each in THEMES)),
        _part("contrasts", panels((each, contrasts(each)) for each in THEMES)),
        _part("space", steps("space", "width")),
        _part("radii", steps("radius", "borderRadius")),
        _part("shadows", steps("shadow", "boxShadow")),
        _part("type", steps("text", "fontSize", say("gallery.specimen"))),
        _part("fonts", steps("font", "fontFamily", say("gallery.specimen"))),
        _part("motion", motions()),
        _part("icons", _icons()),
        *(
            _part(name, panels((each, drawn(each)) for each in THEMES))
            for name, drawn in _DRAWN.items()
        ),
        _part("pager", pager(State.leaf, State.leaves, State.leaf_to)),
        _part("dialog", _dialog()),
        _part("opportunity", _opportunity()),
        _part("board", board_grid()),
        class_name="gallery",
    )
    return page(
        say("gallery.title"),
        *map(sheet, ("admin", "review", "gallery")),
        admin_only(found, State.shown),
        active="admin",
    )


def _part(name: str, *shown: rx.Component) -> rx.Component:
    title = rx.el.h2(say(f"gallery.{name}"), id=name, class_name="section-title")
    return rx.el.section(title, *shown, aria_labelledby=name, data_testid="gallery-part")


def _icons() -> rx.Component:
    drawn = (rx.el.li(icon(name), rx.el.span(name, class_name="label")) for name in NAMES)
    return rx.el.ul(
        rx.el.li(mark(), rx.el.span(say("product.name"), class_name="label")),
        *drawn,
        class_name="gallery-icons",
    )


def _buttons(_: str) -> rx.Component:
    label = say("gallery.word")
    return rx.el.div(
        rx.el.button(label, type="button", class_name="button"),
        rx.el.button(label, type="button", class_name="button button-quiet"),
        rx.el.button(label, type="button", disabled=True, class_name="button"),
        rx.el.button(label, type="button", disabled=True, class_name="button button-quiet"),
        button_link(label, "/admin/gallery"),
        button_link(label, "/admin/gallery", quiet=True),
        class_name="buttons",
    )


def _chips(_: str) -> rx.Component:
    told = [chip(tone, tone) for tone in ICONS]
    drawn = [chip(tone, tone, drawn=ICONS[tone]) for tone in ICONS]
    late = toned_chip(rx.Var.create(say("gallery.word")), rx.Var.create("good"))
    return rx.el.div(*told, *drawn, late, class_name="chips")


def _notices(_: str) -> rx.Component:
    told = (notice(say("gallery.sentence"), tone, title=tone.title()) for tone in ICONS)
    return rx.el.div(*told, class_name="stack")


def _nothing(_: str) -> rx.Component:
    back = rx.el.div(button_link(say("missing.board"), "/board", quiet=True), class_name="buttons")
    told = empty(say("gallery.specimen"), say("gallery.sentence"), back, drawn="flag")
    return rx.el.div(told, away(), loading(), class_name="stack")


def _cards(_: str) -> rx.Component:
    return rx.el.div(
        rx.el.h3(say("gallery.specimen"), class_name="section-title"),
        rx.el.p(say("gallery.sentence")),
        rx.el.p(say("gallery.sentence"), class_name="small muted"),
        rx.el.p(say("gallery.word"), class_name="label"),
        rx.el.p(
            *(rx.el.span("1,909.00", class_name=f"figure {tone}") for tone in _FIGURES),
            class_name="chips",
        ),
        rx.el.p(
            rx.el.span("1.909", class_name="odds odds-large"),
            rx.el.span("+2.21 %", class_name="roi roi-large"),
            class_name="chips",
        ),
        rx.el.p(local_time(rx.Var.create("2030-01-01T12:00:00Z")), class_name="small"),
        class_name="card card-pad",
    )


def _fields(scheme: str) -> rx.Component:
    right, wrong = f"{scheme}-right", f"{scheme}-wrong"
    return rx.el.div(
        _field(right, rx.el.p(say("gallery.sentence"), class_name="field-help")),
        _field(wrong, rx.el.p(say("gallery.sentence"), class_name="field-error"), wrong=True),
        rx.el.label(
            rx.el.input(type="checkbox", default_checked=True),
            rx.el.span(say("gallery.word")),
            class_name="check",
        ),
        choice(say("gallery.choice"), rx.el.option(say("gallery.word")), look="admin-field"),
        class_name="stack",
    )


def _field(name: str, help_text: rx.Component, *, wrong: bool = False) -> rx.Component:
    return rx.el.div(
        rx.el.label(say("gallery.field"), html_for=name, class_name="field-label"),
        rx.el.div(
            rx.el.input(
                id=name,
                default_value="1,909.00",
                input_mode="decimal",
                auto_complete="off",
                aria_describedby=f"{name}-help",
                aria_invalid=wrong,
                class_name="input",
            ),
            class_name="input-row",
        ),
        rx.el.div(help_text, id=f"{name}-help"),
        class_name="field",
    )


def _dialog() -> rx.Component:
    """Return the question before a merge; closed, it does not take the focus."""
    asked = confirmation(rx.Var.create(MERGE))
    return rx.el.details(rx.el.summary(say("gallery.open")), asked, class_name="card card-pad")


def _opportunity() -> rx.Component:
    return rx.el.div(
        rx.el.div(leg_list(), stake_card(), proof_card(), class_name="columns"),
        margin_list(),
        refusal_list(say("opportunity.near"), say("opportunity.near.text"), State.near),
        class_name="stack",
    )


_FIGURES = ("", "good", "warn", "bad", "muted")
_DRAWN = {
    "buttons": _buttons,
    "chips": _chips,
    "notices": _notices,
    "states": _nothing,
    "cards": _cards,
    "forms": _fields,
}
