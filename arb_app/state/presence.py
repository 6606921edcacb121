"""Whether anybody is still there: loops that feed one page end when it is gone."""

import reflex as rx
from reflex_base.registry import RegistrationContext


def present(state: rx.State) -> bool:
    """Return whether the socket that began the event is still connected to this process.

    Reflex ends the loops of a page that is left or closed, but not those of a page closed while it
    was still loading, nor those that a client began by firing the event itself.
    """
    app = RegistrationContext.get().app
    if app.sio is None or app.event_namespace is None:
        return False
    sid, namespace = state.router.session.session_id, app.event_namespace.namespace
    return bool(app.sio.manager.is_connected(sid, namespace))
