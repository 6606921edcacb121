"""A member's own account: move it, take it away, let support look, close or erase it."""

from typing import Final

import reflex as rx
from reflex.vars import ObjectVar
from reflex_components_core.el.elements.inline import A

from arb_app import own_data as doors
from arb_app.components.account_tabs import account_tabs
from arb_app.components.door import field, send, told
from arb_app.components.fields import choice, options
from arb_app.components.layout import page
from arb_app.components.memo import memo
from arb_app.components.notice import Tone, away, empty, loading, toned_chip
from arb_app.components.post_form import post_form
from arb_app.components.sheet import sheet
from arb_app.components.when import local_time
from arb_app.reader import here
from arb_app.sign_in import AWAY, OFTEN, WRONG
from arb_app.state.account_data import AccountDataState as State
from arb_app.state.account_data import GrantLine, LookLine
from arb_app.words import say
from services.closing import GRACE
from services.support import HOURS, LONGEST_REASON

_ENDS: Final[tuple[tuple[str, Tone], ...]] = (
    (doors.SENT, "good"),
    (doors.GRANTED, "good"),
    (doors.REVOKED, "good"),
    (WRONG, "bad"),
    (OFTEN, "warn"),
    (AWAY, "warn"),
)


def account_data() -> rx.Component:
    """Return the page; it begins with `AccountDataState.open`."""
    found = rx.el.div(_take(), _move(), _support(), _leave(), class_name="data-sections")
    return page(
        say("data.title"),
        sheet("review"),
        sheet("data"),
        account_tabs("data"),
        rx.el.p(say("data.description"), class_name="lede"),
        *(told("data", end, tone) for end, tone in _ENDS),
        rx.match(
            State.phase, ("found", found), ("refused", _visitor()), ("away", away()), loading()
        ),
        active="account",
    )


def _visitor() -> rx.Component:
    way = rx.el.a(
        say("account.sign_in"),
        href=f"{here('/login')}?next={here(doors.PAGE)}",
        class_name="button",
    )
    refused = empty(say("data.visitor.title"), say("data.visitor.text"), way, drawn="shield")
    return rx.el.div(refused, data_testid="refused")


def _section(name: str, *children: rx.Component | rx.Var, danger: bool = False) -> rx.Component:
    return rx.el.section(
        rx.el.h2(say(f"data.{name}"), class_name="section-title"),
        rx.el.p(say(f"data.{name}.text"), class_name="muted"),
        *children,
        class_name="card card-pad data-section" + (" data-danger" if danger else ""),
        data_testid=f"data-{name}",
    )


def _take() -> rx.Component:
    # A link of the router's would look for a page of this address.
    files = [
        A.create(
            say(f"data.take.{ending}"), href=href, class_name="button button-quiet", download=True
        )
        for ending, href in (("json", doors.JSON), ("zip", doors.ZIP))
    ]
    return _section("take", rx.el.div(*files, class_name="buttons data-buttons"))


def _move() -> rx.Component:
    now = rx.el.p(
        rx.el.span(say("data.move.now"), " "), rx.el.strong(State.email), class_name="data-now"
    )
    email = field("email", say("data.move.email"), "email", 254)
    form = post_form("/auth/data/move", email, send(say("data.move.send")), class_name="data-form")
    return _section("move", now, form)


def _support() -> rx.Component:
    hours = choice(
        say("data.support.hours"),
        *options((str(n), say(f"data.support.hours.{n}")) for n in HOURS),
        id="hours",
        name="hours",
        default_value=str(HOURS[1]),
    )
    hint = say("data.support.reason.hint")
    reason = field("reason", say("data.support.reason"), "off", LONGEST_REASON, hint)
    give = send(say("data.support.send"))
    form = post_form("/auth/data/grant", hours, reason, give, class_name="data-form")
    back = rx.el.button(say("data.support.revoke"), type="submit", class_name="button button-quiet")
    revoke = post_form("/auth/data/revoke", back, class_name="data-form")
    return _section("support", rx.cond(State.live, revoke, form), _grants(), _looks())


def _grants() -> rx.Component:
    lines = rx.el.ul(
        rx.foreach(State.grants, lambda line: _grant(line=line)), class_name="data-lines"
    )
    nothing = rx.el.p(say("data.grants.none"), class_name="small muted")
    return rx.el.div(
        rx.el.h3(say("data.grants"), class_name="field-label"),
        rx.cond(State.grants.length() > 0, lines, nothing),
    )


def _looks() -> rx.Component:
    lines = rx.el.ul(
        rx.foreach(State.looks, lambda line: _look(line=line)), class_name="data-lines"
    )
    nothing = rx.el.p(say("data.looks.none"), class_name="small muted")
    return rx.el.div(
        rx.el.h3(say("data.looks"), class_name="field-label"),
        rx.cond(State.looks.length() > 0, lines, nothing),
    )


@memo
def _grant(line: ObjectVar[GrantLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(toned_chip(line.state, line.tone), " ", line.reason),
        rx.el.span(
            local_time(line.made_at), " → ", local_time(line.ends_at), class_name="small muted"
        ),
        data_testid="grant",
    )


@memo
def _look(line: ObjectVar[LookLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(line.who),
        rx.el.span(local_time(line.at), class_name="small muted"),
        data_testid="look",
    )


def _leave() -> rx.Component:
    return rx.fragment(
        _section(
            "close",
            rx.el.ul(
                rx.el.li(say("data.close.at_once")),
                rx.el.li(say("data.close.then", days=GRACE.days)),
                rx.el.li(say("data.close.kept")),
                class_name="data-points",
            ),
            _typed("close"),
        ),
        _section("erase", _typed("erase"), danger=True),
    )


def _typed(name: str) -> rx.Component:
    """Return the form of leaving: whoever sends it has typed their own address."""
    label = rx.el.label(say("data.typed"), html_for=f"typed-{name}", class_name="field-label")
    entry = rx.el.input(
        id=f"typed-{name}",
        name="typed",
        type="text",
        auto_complete="off",
        max_length=254,
        required=True,
        placeholder=State.email,
        class_name="input",
        custom_attrs={"autoCapitalize": "none", "spellCheck": "false"},
    )
    box = rx.el.div(label, rx.el.div(entry, class_name="input-row"), class_name="field")
    look = "button button-quiet data-leave"
    button = rx.el.button(say(f"data.{name}.send"), type="submit", class_name=look)
    return post_form(f"/auth/data/{name}", box, button, class_name="data-form")
