"""What stands before the board: the question of age, a break that lasts, a limit, a reminder."""

from collections.abc import Callable
from typing import Final

import reflex as rx
from reflex.vars.function import FunctionStringVar

from arb_app.breaks import PAGE
from arb_app.components.help import help_links
from arb_app.components.icons import icon
from arb_app.components.layout import button_link, page
from arb_app.components.post_form import post_form
from arb_app.components.when import local_time
from arb_app.state.breaks import BreaksState as State
from arb_app.words import say
from domain.breaks import Length, Why

SHUT_AT_TIMES: Final = ("/board", "/middles", "/value", "/low-hold", "/history")
"""What begins so shows opportunities or prices, and is shut together with the board."""
SHORT: Final = (Length.HOUR, Length.DAY, Length.WEEK)
_YEAR: Final = FunctionStringVar.create(
    '((at) => { if (!at) return ""; const year = (of) => of.toLocaleDateString("en", '
    '{ year: "numeric", timeZone: globalThis.dutchbook?.settings?.zone || undefined }); '
    'const ends = year(new Date(at)); return ends === year(new Date()) ? "" : ` (${ends})`; })'
)


def is_shut_at_times(route: str) -> bool:
    """Return whether breaks, limits and the question of age shut a page.

    Examples:
        >>> is_shut_at_times("/board/[opportunity]"), is_shut_at_times("/calculator")
        (True, False)
    """
    return route.startswith(SHUT_AT_TIMES)


def behind(show: Callable[[], rx.Component]) -> Callable[[], rx.Component]:
    """Return the page that shows `show`, with reminders, while the board is open to its reader.

    The server refuses the events of a page that is shut: this only says why.
    """

    def shown() -> rx.Component:
        is_open = (State.door == "") | (State.door == "open")
        return rx.cond(is_open, rx.fragment(show(), _reminder()), _shut())

    return shown


def ends(at: rx.Var[str]) -> rx.Component:
    """Return an instant as the reader's clock shows it, with its year if that is another."""
    return rx.el.strong(local_time(at), _YEAR.call(at).to(str))


def break_buttons(lengths: tuple[Length, ...]) -> rx.Component:
    """Return a form that takes a break at the press of a button."""
    buttons = (
        rx.el.button(
            say(f"breaks.{each}"),
            type="submit",
            name="lasts",
            value=each.value,
            class_name="button button-quiet",
        )
        for each in lengths
    )
    return post_form("/presence/break", *buttons, class_name="buttons")


def _shut() -> rx.Component:
    which = rx.match(
        State.door,
        (Why.AGE.value, _age()),
        (Why.LIMIT.value, _limit()),
        _break(),
    )
    return page(say("breaks.shut"), which, active="board", heading=False)


def _card(name: str, *children: rx.Component | rx.Var) -> rx.Component:
    return rx.el.section(
        icon("pause" if name != Why.AGE else "person"),
        rx.el.h1(say(f"breaks.{name}.title"), class_name="page-title"),
        *children,
        class_name="card card-pad shut",
        data_testid="board-shut",
        custom_attrs={"data-board-shut": name},
    )


def _break() -> rx.Component:
    return _card(
        Why.BREAK,
        rx.el.p(say("breaks.break.until"), " ", ends(State.until)),
        rx.el.p(rx.cond(State.member, say("breaks.break.member"), say("breaks.break.visitor"))),
        _help(),
        rx.el.div(
            button_link(say("breaks.longer"), PAGE),
            button_link(say("missing.home"), "/", quiet=True),
            class_name="buttons",
        ),
    )


def _limit() -> rx.Component:
    return _card(
        Why.LIMIT,
        rx.el.p(say("breaks.limit.set"), " ", rx.el.strong(_minutes(State.holding)), "."),
        rx.el.p(say("breaks.limit.until"), " ", ends(State.until)),
        rx.el.p(say("breaks.offer")),
        break_buttons(SHORT),
        rx.el.p(say("breaks.final"), class_name="small muted"),
        _help(),
    )


def _age() -> rx.Component:
    form = post_form(
        "/presence/age",
        rx.el.input(type="hidden", name="next", value=rx.State.router.url.path),
        rx.el.button(
            say("breaks.age.yes"),
            type="submit",
            name="old_enough",
            value="yes",
            class_name="button",
        ),
        button_link(say("breaks.age.no"), "/legal/responsible", quiet=True),
        class_name="buttons",
    )
    kept = rx.el.p(say("breaks.age.kept"), class_name="small muted")
    return _card(Why.AGE, rx.el.p(say("breaks.age.text")), form, kept)


def _help() -> rx.Component:
    return rx.el.div(
        rx.el.h2(say("help.title"), class_name="section-title"),
        rx.el.p(say("help.text"), class_name="muted"),
        help_links(short=True),
        class_name="shut-help",
    )


def _minutes(count: rx.Var[int]) -> rx.Component:
    return rx.fragment(count.to_string(), " ", say("breaks.minutes"))


def _reminder() -> rx.Component:
    """Return the reminder, shut: `presence.js` opens it when it is due, and counts the minutes."""
    asked = {
        "data-reminder": "",
        "data-known": rx.cond(State.door == "", "", "yes"),
        "data-remind": State.remind.to_string(),
        "data-daily": State.daily.to_string(),
        "data-firm": rx.cond(State.firm, "yes", ""),
    }
    dialog = rx.el.dialog(
        rx.el.h2(
            rx.el.span(say("reminder.title"), class_name="reminder-time"),
            rx.el.span(say("reminder.limit"), class_name="reminder-limit"),
            id="reminder-title",
        ),
        rx.el.p(
            say("reminder.today"),
            " ",
            rx.el.strong(rx.el.span(custom_attrs={"data-minutes": ""}), " ", say("breaks.minutes")),
        ),
        rx.el.p(say("reminder.fun")),
        help_links(short=True),
        rx.el.p(say("breaks.offer")),
        break_buttons(SHORT),
        rx.el.p(say("breaks.final"), class_name="small muted"),
        rx.el.div(
            rx.el.button(
                say("reminder.on"),
                type="button",
                class_name="button",
                custom_attrs={"data-reminder-close": ""},
            ),
            rx.el.a(say("reminder.settings"), href=PAGE),
            class_name="buttons",
        ),
        aria_labelledby="reminder-title",
        class_name="card card-pad reminder",
        data_testid="reminder",
        custom_attrs=asked,
    )
    said = rx.el.p(
        role="status", class_name="visually-hidden", custom_attrs={"data-reminder-said": ""}
    )
    return rx.fragment(said, dialog)
