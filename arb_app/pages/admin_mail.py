"""Letters: what was written to members, and what became of it."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.listing import window
from arb_app.components.memo import memo
from arb_app.components.notice import empty, notice, toned_chip
from arb_app.components.when import local_time
from arb_app.state.admin_mail import AdminMailState as State
from arb_app.state.admin_mail import LetterLine
from arb_app.words import say


def admin_mail() -> rx.Component:
    """Return the page; it follows `AdminMailState.open` from its loading."""
    letters = rx.el.ol(
        rx.foreach(State.letters, lambda letter: _letter(letter=letter)), class_name="letters"
    )
    nothing = empty(say("mail.empty.title"), say("mail.empty.text"), drawn="shield")
    local = rx.cond(State.local, notice(say("mail.local"), "plain"))
    return window(
        State,
        say("mail.title"),
        say("mail.lede"),
        local,
        rx.cond(State.letters.length() > 0, letters, nothing),
    )


@memo
def _letter(letter: ObjectVar[LetterLine]) -> rx.Component:
    said = rx.el.details(
        rx.el.summary(say("mail.read"), class_name="button button-quiet"),
        rx.el.strong(letter.subject),
        rx.el.pre(letter.text, class_name="letter-text", data_testid="letter-text"),
    )
    return rx.el.li(
        rx.el.p(
            rx.el.strong(letter.kind),
            toned_chip(letter.state, letter.tone),
            class_name="letter-head",
        ),
        rx.el.p(letter.address, " · ", local_time(letter.at), class_name="small muted"),
        rx.cond(letter.text != "", said),
        class_name="card card-pad letter",
        data_testid="letter",
    )
