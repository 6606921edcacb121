"""What stands before pages for admins; the gate and the services are what guards their data."""

import reflex as rx

from arb_app.components.notice import away, empty, loading
from arb_app.words import say


def admin_only(content: rx.Component, phase: rx.Var) -> rx.Component | rx.Var:
    """Return `content` once `phase` is "found"; else "loading", "refused" or "away" is said."""
    refused = empty(say("guard.refused.title"), say("guard.refused.text"), drawn="flag")
    return rx.match(
        phase, ("found", content), ("refused", refused), ("away", away()), loading(lines=6)
    )
