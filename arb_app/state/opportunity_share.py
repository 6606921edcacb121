"""One reader's picture of an opportunity, made when they ask for it."""

import reflex as rx

from arb_app.gate import allow, subject_of
from arb_app.state import share_drawn as drawn
from arb_app.state.opportunity import Look, life_id_of, look_at
from arb_app.words import say
from services.access import Permission


class ShareState(rx.State):
    """The picture as an address that holds it, and the same in text; empty until asked for."""

    picture: rx.Field[str] = rx.field("")
    text: rx.Field[str] = rx.field("")
    told: rx.Field[str] = rx.field("")

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    def clear(self) -> None:
        """Begin without a picture: another opportunity looks different."""
        self.picture, self.text, self.told = "", "", ""

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    async def make(self) -> None:
        """Draw what the reader's plan shows of the opportunity that the address names."""
        subject, life_id = await subject_of(self), life_id_of(self.router.url.path)
        look = await look_at(subject, life_id) if life_id else None
        if not isinstance(look, Look):
            self.picture, self.text, self.told = "", "", say("share.away")
            return
        found = look.life.row.opportunity
        self.picture = drawn.data_uri(drawn.svg(found, look.view, look.now))
        self.text, self.told = drawn.told(found, look.view), say("share.made")
