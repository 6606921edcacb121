"""Presence of mind as a reader sets it: reminders, a daily limit, breaks and self-exclusion."""

from collections.abc import Sequence

import reflex as rx

from arb_app.breaks import AWAY, SAVED, TAKEN, UNSURE
from arb_app.components.breaks import SHORT, break_buttons, ends
from arb_app.components.fields import choice, options
from arb_app.components.notice import Tone, notice
from arb_app.components.post_form import post_form
from arb_app.components.when import local_time
from arb_app.state.breaks import BreaksState as State
from arb_app.words import say
from domain.breaks import DAILY_MIN, REMINDERS_MIN, Length


def presence_settings() -> rx.Component:
    """Return the settings; the page that shows them begins with `BreaksState.look`."""
    return rx.el.div(
        _became(TAKEN, "good"),
        _became(SAVED, "good"),
        _became(UNSURE, "bad"),
        _became(AWAY, "warn"),
        _now(),
        _limits(),
        rx.el.div(_breaks(), _exclusion(), class_name="presence-side"),
        class_name="presence",
    )


def _became(what: str, tone: Tone) -> rx.Component:
    """Return what became of a form; the end of the address chooses which is to be seen."""
    words = notice(say(f"breaks.{what}.text"), tone, title=say(f"breaks.{what}"))
    return rx.el.div(words, id=what, class_name="presence-became", data_testid="presence-became")


def _now() -> rx.Component:
    lasts = rx.el.p(say("breaks.break.until"), " ", ends(State.until))
    return rx.fragment(
        rx.cond(State.door == "break", _card("breaks.break.title", lasts)),
        rx.cond(
            State.member,
            rx.el.p(say("breaks.holds.member"), class_name="lede"),
            rx.el.p(say("breaks.holds.visitor"), class_name="lede"),
        ),
    )


def _card(title: str, *children: rx.Component | rx.Var) -> rx.Component:
    return rx.el.section(
        rx.el.h2(say(title), class_name="section-title"),
        *children,
        class_name="card card-pad presence-part",
    )


def _limits() -> rx.Component:
    form = post_form(
        "/presence/limits",
        _choice("remind", REMINDERS_MIN, State.remind, "breaks.remind"),
        _choice("daily", DAILY_MIN, State.daily, "breaks.daily"),
        rx.el.label(
            rx.el.input(
                type="checkbox",
                name="firm",
                value="yes",
                default_checked=State.firm,
                key=rx.cond(State.firm, "firm", "calm"),
            ),
            rx.el.span(say("breaks.firm")),
            class_name="check",
        ),
        rx.el.div(
            rx.el.button(say("breaks.save"), type="submit", class_name="button"),
            class_name="buttons",
        ),
        class_name="presence-form",
    )
    looser = rx.el.p(say("breaks.looser"), " ", local_time(State.looser_at), class_name="small")
    return _card(
        "breaks.limits",
        rx.el.p(say("breaks.limits.text"), class_name="muted"),
        form,
        rx.cond(State.looser_at != "", looser),
        rx.cond(State.member & (State.holding > 0), _counted()),
    )


def _counted() -> rx.Component:
    figure = rx.el.strong(State.used.to_string(), " ", say("breaks.minutes"))
    return rx.el.p(say("breaks.counted"), " ", figure, class_name="small muted")


def _choice(name: str, offered: Sequence[int], chosen: rx.Var[int], label: str) -> rx.Component:
    """Return a choice of minutes; it is made anew once the server has said what was chosen."""
    said = "breaks.every" if name == "remind" else "breaks.most"
    named = [("0", say("breaks.off")), *((f"{n}", say(said, minutes=n)) for n in offered)]
    value = chosen.to_string()
    attrs = {"id": name, "name": name, "default_value": value, "key": value}
    return choice(say(label), *options(named), look="select", **attrs)


def _breaks() -> rx.Component:
    return _card(
        "breaks.take",
        rx.el.p(say("breaks.take.text"), class_name="muted"),
        break_buttons(SHORT),
        rx.el.p(say("breaks.final"), class_name="small muted"),
    )


def _exclusion() -> rx.Component:
    lengths = [each for each in Length if each.excludes and each is not Length.FIVE_YEARS]
    form = post_form(
        "/presence/break",
        rx.el.fieldset(
            rx.el.legend(say("breaks.exclude.for"), class_name="field-label"),
            *(_length(each) for each in lengths),
            rx.cond(State.member, _length(Length.FIVE_YEARS)),
            class_name="presence-lengths",
        ),
        rx.el.label(
            rx.el.input(type="checkbox", name="sure", value="yes", required=True),
            rx.el.span(say("breaks.sure")),
            class_name="check",
        ),
        rx.el.div(
            rx.el.button(
                say("breaks.exclude.act"), type="submit", class_name="button button-quiet"
            ),
            class_name="buttons",
        ),
        class_name="presence-form",
    )
    return _card("breaks.exclude", rx.el.p(say("breaks.exclude.text"), class_name="muted"), form)


def _length(length: Length) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name="lasts", value=length.value, required=True),
        rx.el.span(say(f"breaks.{length}")),
        class_name="check",
    )
