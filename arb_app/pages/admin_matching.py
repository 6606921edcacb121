"""Matching: the queue of doubtful pairs, what was done, and the way to undo it."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.buttons import press
from arb_app.components.doubt import confirmation, described, doubt_card
from arb_app.components.fields import text_field
from arb_app.components.guard import admin_only
from arb_app.components.layout import page
from arb_app.components.memo import memo
from arb_app.components.notice import chip, empty, notice
from arb_app.components.pager import pager
from arb_app.components.sheet import sheet
from arb_app.components.when import local_time
from arb_app.state.admin_matching import SPLIT
from arb_app.state.admin_matching import AdminMatchingState as State
from arb_app.state.matching_shown import ActionLine, LinkLine
from arb_app.words import say


def admin_matching() -> rx.Component:
    """Return the page; it begins with `AdminMatchingState.open`."""
    lede = rx.el.p(say("matching.lede"), class_name="lede")
    content = rx.fragment(_told(), _queue(), _actions(), _search())
    return page(
        say("matching.title"),
        sheet("review"),
        lede,
        admin_only(content, State.phase),
        active="admin",
    )


def _told() -> rx.Component:
    undo = press(say("matching.undo"), State.undo(State.told_key))
    done = rx.el.div(
        notice(State.told, "good"), rx.cond(State.told_key != "", undo), class_name="told"
    )
    return rx.fragment(
        rx.cond(State.error != "", notice(State.error, "bad")),
        rx.cond(State.told != "", done),
    )


def _queue() -> rx.Component:
    cards = rx.foreach(
        State.doubts, lambda line: doubt_card(line=line, asking=State.asking, way=State.way)
    )
    nothing = empty(
        say("matching.queue.empty.title"), say("matching.queue.empty.text"), drawn="check"
    )
    return rx.el.section(
        rx.el.div(
            rx.el.h2(
                say("matching.queue"),
                rx.el.span(State.total, class_name="muted"),
                class_name="section-title heading-count",
                data_testid="queue-count",
            ),
            press(say("matching.again"), State.look_again),
            class_name="heading-row",
        ),
        rx.cond(State.doubts.length() > 0, rx.el.ul(cards, class_name="doubts"), nothing),
        pager(State.page, State.pages, State.turn_to),
        class_name="section",
    )


def _actions() -> rx.Component:
    lines = rx.el.ul(
        rx.foreach(State.actions, lambda line: _action(line=line)), class_name="card entries"
    )
    nothing = rx.el.p(say("matching.actions.empty"), class_name="muted")
    return rx.el.section(
        rx.el.h2(say("matching.actions"), class_name="section-title"),
        rx.cond(State.actions.length() > 0, lines, nothing),
        class_name="section",
    )


@memo
def _action(line: ObjectVar[ActionLine]) -> rx.Component:
    about = f"{line.kind} {line.moved}"
    undo = press(say("matching.undo"), State.undo(line.key), about=about)
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(line.kind),
                rx.cond(line.number != 0, rx.el.span(f"#{line.number}", class_name="muted small")),
                rx.cond(line.undone != "", chip(line.undone)),
                class_name="chips",
            ),
            rx.el.p(line.moved, class_name="entry-lines"),
            rx.el.p(
                local_time(line.at), " ", line.actor, " ", line.reason, class_name="small muted"
            ),
            class_name="entry-what",
        ),
        rx.cond(line.can_undo, undo),
        class_name="entry",
        data_testid="action",
    )


def _search() -> rx.Component:
    form = rx.el.form(
        text_field(say("matching.search.label"), "search", min_length=2, max_length=100),
        rx.el.button(say("matching.search.go"), type="submit", class_name="button"),
        on_submit=State.search,
        role="search",
        class_name="search-row",
    )
    lines = rx.el.ul(
        rx.foreach(State.links, lambda line: _link(line=line, asking=State.asking, way=State.way)),
        class_name="card entries",
    )
    nothing = rx.el.p(say("matching.search.none"), class_name="muted", role="status")
    return rx.el.section(
        rx.el.h2(say("matching.search"), class_name="section-title"),
        rx.el.p(say("matching.search.text"), class_name="small muted"),
        form,
        rx.cond(
            State.links.length() > 0, lines, rx.cond(State.searched != "", nothing, rx.fragment())
        ),
        class_name="section",
    )


@memo
def _link(line: ObjectVar[LinkLine], asking: rx.Var[str], way: rx.Var[str]) -> rx.Component:
    split = press(say("matching.split"), State.ask(line.event_id, SPLIT), about=line.of.source)
    told = rx.el.p(
        line.linked_by,
        rx.cond(line.reversed, chip(say("matching.turned"), "warn")),
        class_name="small muted chips",
    )
    return rx.el.li(
        rx.cond(line.head != "", rx.el.p(line.head, class_name="label entry-head")),
        rx.el.div(
            described("", line.of, prices=False),
            told,
            rx.cond(asking == line.event_id, confirmation(way)),
            class_name="entry-what",
        ),
        rx.cond(line.alone | (asking == line.event_id), rx.fragment(), split),
        class_name="entry",
        data_testid="link",
    )
