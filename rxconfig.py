"""Reflex's own configuration; what an operator may set comes from `kit.settings`."""

from typing import Unpack

import reflex as rx
from reflex_base.plugins.base import PreCompileContext
from reflex_base.plugins.sitemap import SitemapPlugin

from arb_app.csp import origins
from kit.settings import settings

_CHANGES = {
    "endpoint.hostname = frontend_hostname;": "endpoint.host = window.location.host;",
    'endpoint.port = "";': "",
    # Everybody loses their socket at the same instant when a process ends, so nobody may come back
    # at once, nor all with the same pauses.
    """      // Attempt to reconnect transient non-intentional disconnects.
      socket.current.reconnect();""": """      retry_timer = window.setTimeout(() => {
        retry_timer = undefined;
        socket.current?.reconnect();
      }, 1000 * Math.random());""",
    "}, 200 * failed_attempts); // Incremental backoff": (
        "}, 200 * failed_attempts * (0.5 + Math.random()));"
    ),
}


def _changed(state_js: str) -> str:
    for before, after in _CHANGES.items():
        if state_js.count(before) != 1:
            raise RuntimeError(f"Reflex's state.js no longer has {before!r} once")
        state_js = state_js.replace(before, after)
    return state_js


class OurClient(rx.plugins.Plugin):
    """Makes a page open its socket where it came from, and open it again at a time of its own.

    So one build fits every address, and a process that starts again is not joined by all at once.
    """

    def pre_compile(self, **context: Unpack[PreCompileContext]) -> None:
        """Rewrite a few lines of Reflex's client, in builds but not in `reflex run`."""
        if rx.config.environment.REFLEX_ENV_MODE.get() == rx.constants.Env.PROD:
            context["add_modify_task"]("utils/state.js", _changed)


config = rx.Config(
    app_name="arb_app",
    frontend_port=settings().port,
    backend_host=settings().host,
    plugins=[OurClient()],
    disable_plugins=[SitemapPlugin],
    cors_allowed_origins=sorted(origins(settings())),
    # What a page remembers is its view, which it asks for again whenever it connects. In Valkey
    # it would be pickled, 2.6 times as dear to open, and no page could open while Valkey is down.
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    react_strict_mode=False,
)
