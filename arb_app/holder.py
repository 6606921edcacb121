"""Whose a page's memory is: what a member's page has gathered is for nobody who comes after."""

from weakref import WeakKeyDictionary

import reflex as rx
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event

from arb_app.gate import subject_of

_NOBODY = ""


class OneHolder(rx.Middleware):
    """Empties a page's memory when somebody else is behind it.

    The client token that finds the memory stays in the tab after signing out, and could be copied;
    the cookie says who asks now. An ended session is nobody's.
    """

    def __init__(self) -> None:
        """Begin with memories that are nobody's yet."""
        self._held: WeakKeyDictionary[BaseState, str] = WeakKeyDictionary()

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002 - Reflex's signature
        """Return None: every event passes, but never into what another has gathered."""
        root, subject = _root(state), await subject_of(state, active=True)
        now = str(subject.user_id or _NOBODY)
        if self._held.get(root, now) != now:
            empty(root)
        self._held[root] = now
        return None


def empty(root: BaseState) -> None:
    """Set every var of every state of ours back to what it was before anything happened."""
    for substate in root.substates.values():
        if type(substate).__module__.startswith("arb_app."):
            substate.reset()


def _root(state: BaseState) -> BaseState:
    while state.parent_state is not None:
        state = state.parent_state
    return state
