"""How one reader wants things shown: chosen here, kept by their browser and by their account."""

from dataclasses import dataclass
from typing import Any

import msgspec
import reflex as rx

from arb_app import format as as_text
from arb_app.gate import allow, subject_of
from arb_app.reader import reader, write_for
from arb_app.runtime import current
from arb_app.words import say
from domain.errors import Unavailable
from domain.odds_formats import OddsFormat, written
from domain.preferences import Preferences, allowed
from services import preferences
from services.access import Permission
from services.work import begin

_EXAMPLE = 2.5


@dataclass(frozen=True)
class Choice:
    """One value that a field may have, and how it is called."""

    value: str = ""
    name: str = ""


class SettingsState(rx.State):
    """The choices in force; the browser keeps them itself, by `settings.js`."""

    phase: rx.Field[str] = rx.field("loading")
    odds: rx.Field[str] = rx.field("")
    zone: rx.Field[str] = rx.field("")
    currency: rx.Field[str] = rx.field("")
    numbers: rx.Field[str] = rx.field("")
    odds_choices: rx.Field[list[Choice]] = rx.field(default_factory=list)
    zone_wrong: rx.Field[bool] = rx.field(default=False)
    now: rx.Field[str] = rx.field("")
    said: rx.Field[str] = rx.field("")

    @rx.event
    @allow(Permission.VISIT)
    def open(self) -> None:
        """Show what was chosen before."""
        self.said, self.zone_wrong = "", False
        self._show(reader())

    @rx.event
    @allow(Permission.VISIT)
    async def choose(self, field: Any, value: Any) -> None:
        """Have a field take a value, if it is one that it may have, and keep it at the account."""
        chosen = chosen_of(reader(), field, value)
        self.zone_wrong = chosen is None and field == "zone"
        self.said = ""
        if chosen is None:
            return
        current().choices.keep(self.router.session.session_id, chosen)
        write_for(chosen)
        self._show(chosen)
        self.said = await self._kept(chosen)

    async def _kept(self, chosen: Preferences) -> str:
        subject = await subject_of(self)
        if subject.user_id is None:
            return say("settings.saved")
        try:
            async with begin(current().resources, subject) as work:
                await preferences.keep(work, chosen)
        except Unavailable:
            return say("settings.saved.away")
        return say("settings.saved")

    def _show(self, chosen: Preferences) -> None:
        self.phase = "found"
        self.odds, self.zone = chosen.odds.value, chosen.zone
        self.currency, self.numbers = chosen.currency, chosen.numbers.value
        self.odds_choices = [_option(notation) for notation in OddsFormat]
        self.now = current().clock.now().isoformat()


def chosen_of(before: Preferences, field: object, value: object) -> Preferences | None:
    """Return the choices with another one among them; None if a field cannot have that value.

    Examples:
        >>> chosen_of(Preferences(), "odds", "american").odds
        <OddsFormat.AMERICAN: 'american'>
        >>> chosen_of(Preferences(), "zone", ""), chosen_of(Preferences(), "odds", ["american"])
        (Preferences(language=<Language.ENGLISH: 'en'>, odds=<OddsFormat.DECIMAL: 'decimal'>, \
zone='', currency='USD', numbers=<Numbers.POINT: 'point'>), None)
    """
    if not isinstance(field, str) or not isinstance(value, str):
        return None
    if value not in allowed(field) and (field, value) != ("zone", ""):
        return None
    return msgspec.convert(msgspec.structs.asdict(before) | {field: value}, Preferences)


def _option(notation: OddsFormat) -> Choice:
    example = as_text.number(written(_EXAMPLE, notation).replace("-", as_text.MINUS))
    name = say("settings.odds.option", name=say(f"odds_format.{notation}"), example=example)
    return Choice(notation.value, name)
