"""The finer fields of the stake calculator: what each leg and each book allows."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.fields import choice, options
from arb_app.components.typed import Asked, typed
from arb_app.state.opportunity import OpportunityState as State
from arb_app.state.stake_form import STEPS, BookForm, LegForm
from arb_app.words import say
from domain.money import CURRENCIES


def stake_fields() -> rx.Component:
    """Return the fields of every leg and every book, folded until they are asked for."""
    return rx.el.details(
        rx.el.summary(say("stakes.more")),
        rx.el.p(say("stakes.more.text"), class_name="field-help"),
        rx.foreach(State.leg_forms, _leg),
        rx.el.h3(say("stakes.books"), class_name="fields-title"),
        rx.el.p(say("stakes.rate.help"), class_name="field-help"),
        rx.foreach(State.book_forms, _book),
        rx.el.button(
            say("stakes.clear"),
            type="button",
            on_click=State.clear_form,
            class_name="button button-quiet",
        ),
        class_name="fold",
        data_testid="stake-fields",
    )


def _leg(leg: ObjectVar[LegForm]) -> rx.Component:
    steps = ((step, say(f"stakes.step.{step}")) for step in STEPS)
    return rx.el.fieldset(
        rx.el.legend(
            rx.el.span(leg.letter, class_name="leg-letter leg-letter-small"), " ", leg.name
        ),
        rx.el.div(
            choice(
                say("stakes.step"),
                *options([("", say("stakes.step.own")), *steps]),
                look="select",
                id=f"step-{leg.letter}",
                value=leg.step,
                on_change=lambda step: State.round_leg(leg.letter, step),
            ),
            typed(
                Asked(
                    say("stakes.most"), f"most-{leg.letter}", unit=leg.unit, known=leg.most_known
                ),
                leg.most,
                leg.most_wrong,
                lambda text: State.type_leg(leg.letter, "most", text),
            ),
            typed(
                Asked(
                    say("stakes.commission"),
                    f"commission-{leg.letter}",
                    unit="%",
                    known=leg.commission_known,
                ),
                leg.commission,
                leg.commission_wrong,
                lambda text: State.type_leg(leg.letter, "commission", text),
            ),
            class_name="field-grid",
        ),
        _shares(leg),
        key=leg.key,
        class_name="field-set",
    )


def _shares(leg: ObjectVar[LegForm]) -> rx.Component:
    wrong = f"shares-{leg.letter}-wrong"
    return rx.fragment(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                checked=leg.shares,
                on_change=lambda shares: State.share(leg.letter, shares),
                aria_describedby=wrong,
                data_testid="shares",
            ),
            rx.el.span(say("stakes.shares")),
            class_name="check",
        ),
        rx.el.p(leg.shares_wrong, id=wrong, role="status", class_name="field-error"),
    )


def _book(book: ObjectVar[BookForm]) -> rx.Component:
    rate = typed(
        Asked(say("stakes.rate"), f"rate-{book.number}", unit=State.currency),
        book.rate,
        book.rate_wrong,
        lambda text: State.type_book(book.number, "rate", text),
    )
    return rx.el.fieldset(
        rx.el.legend(book.name),
        rx.el.div(
            choice(
                say("stakes.currency"),
                *options((each, each) for each in CURRENCIES),
                look="select",
                id=f"currency-{book.number}",
                value=book.currency,
                on_change=lambda currency: State.in_currency(book.number, currency),
            ),
            rx.cond(book.foreign, rate),
            typed(
                Asked(say("stakes.balance"), f"balance-{book.number}", unit=book.unit),
                book.balance,
                book.balance_wrong,
                lambda text: State.type_book(book.number, "balance", text),
            ),
            class_name="field-grid",
        ),
        key=book.key,
        class_name="field-set",
    )
