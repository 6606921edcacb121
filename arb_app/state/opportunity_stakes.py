"""The handlers of the stake form: every field is checked, and what is wrong is said beside it."""

from abc import abstractmethod
from dataclasses import replace
from typing import Any

import reflex as rx

from arb_app.gate import allow
from arb_app.state import opportunity_shown as shown
from arb_app.state import stake_form as forms
from arb_app.state.stake_form import LEG_FIELDS, STEPS, BookForm, Form, LegForm
from arb_app.words import say
from domain.money import CURRENCIES
from services.access import Permission


class StakeFormState(rx.State, mixin=True):
    """What is typed into the stake form; whoever has it plans again after each change."""

    legs: rx.Field[list[shown.LegLine]] = rx.field(default_factory=list)
    leg_forms: rx.Field[list[LegForm]] = rx.field(default_factory=list)
    book_forms: rx.Field[list[BookForm]] = rx.field(default_factory=list)
    amount: rx.Field[str] = rx.field(forms.FIRST_AMOUNT)
    amount_key: rx.Field[str] = rx.field("0")
    currency: rx.Field[str] = rx.field("")
    amount_unit: rx.Field[str] = rx.field("")
    amount_label: rx.Field[str] = rx.field("")
    amount_wrong: rx.Field[bool] = rx.field(default=False)
    fixed: rx.Field[str] = rx.field("")
    step: rx.Field[str] = rx.field(STEPS[0])
    suggestion: rx.Field[str] = rx.field("")
    form: rx.Field[Form] = rx.field(default_factory=Form)
    _suggested: rx.Field[str] = rx.field("")
    _stakes: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    async def type_total(self, typed: Any) -> None:
        """Plan for another total, or another fixed stake, or say what is wrong with it."""
        amount = forms.amount_of(typed)
        self.amount_wrong = amount is None
        if amount is not None:
            await self._fill(replace(self.form, amount=f"{amount.amount:f}"))

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    async def fix(self, letter: Any) -> None:
        """Fix the stake of one leg as it is planned, or the total where no leg is named."""
        if letter == "" or self._has(letter):
            known = self._stakes.get(letter, self.form.amount)
            serial = self.form.serial + 1
            self.amount_wrong = False
            await self._fill(replace(self.form, fixed=letter, amount=known, serial=serial))

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    async def round_stakes(self, step: Any) -> None:
        """Round all stakes that have no step of their own to multiples of another."""
        if isinstance(step, str) and step in STEPS:
            await self._fill(replace(self.form, step=step))

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    async def round_leg(self, letter: Any, step: Any) -> None:
        """Give one leg a step of its own, or none."""
        if self._has(letter) and isinstance(step, str) and step in {"", *STEPS}:
            await self._fill(self.form.on(f"step {letter}", step))

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    async def type_leg(self, letter: Any, name: Any, typed: Any) -> None:
        """Take over a leg's limit or commission, or say what is wrong with it."""
        if self._has(letter) and isinstance(name, str) and name in LEG_FIELDS:
            await self._type(name, letter, typed)

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    async def share(self, letter: Any, shares: Any) -> None:
        """Let a leg share the profit or only return what all legs cost; one at least shares."""
        if not self._has(letter) or not isinstance(shares, bool):
            return
        name = f"shares {letter}"
        others = [leg for leg in self.leg_forms if leg.letter != letter and leg.shares]
        if not shares and not others:
            await self._fill(self.form.off(name, say("stakes.shares.none")))
        else:
            cleared = {k: w for k, w in self.form.wrong.items() if not k.startswith("shares ")}
            form = replace(self.form, wrong=cleared)
            await self._fill(form.on(name, "yes" if shares else "no"))

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    async def type_book(self, number: Any, name: Any, typed: Any) -> None:
        """Take over a book's rate or balance, or say what is wrong with it."""
        book = self._book(number)
        if book and isinstance(name, str) and name in {"rate", "balance"}:
            await self._type(name, book, typed)

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    async def in_currency(self, number: Any, currency: Any) -> None:
        """Say in which currency a book takes stakes."""
        book = self._book(number)
        if book and isinstance(currency, str) and currency in CURRENCIES:
            await self._fill(self.form.on(f"currency {book}", currency))

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    async def take_suggestion(self) -> None:
        """Put the suggested amount in place of the one that locks no profit."""
        if self._suggested:
            serial = self.form.serial + 1
            self.amount_wrong = False
            await self._fill(replace(self.form, amount=self._suggested, serial=serial))

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    async def clear_form(self) -> None:
        """Begin again with what is known of legs and books, and the amount as it is."""
        form = self.form
        await self._fill(Form(form.amount, form.fixed, serial=form.serial + 1))

    async def _type(self, name: str, of: str, typed: Any) -> None:
        text, key = forms.sound(name, typed), f"{name} {of}"
        wrong = say(f"stakes.{name}.wrong")
        await self._fill(self.form.off(key, wrong) if text is None else self.form.on(key, text))

    async def _fill(self, form: Form) -> None:
        self.form = form
        await self._again()

    @abstractmethod
    async def _again(self) -> None:
        """Plan anew with the form as it is now: of what, only the state of the page knows."""

    def _has(self, letter: Any) -> bool:
        return isinstance(letter, str) and any(leg.letter == letter for leg in self.leg_forms)

    def _book(self, number: Any) -> str:
        """Return the name of a book that is shown, by its number."""
        found = (book for book in self.book_forms if book.number == number)
        return next((book.key.rpartition(" ")[0] for book in found), "")
