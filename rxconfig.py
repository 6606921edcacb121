"""Reflex's own configuration; what an operator may set comes from `kit.settings`."""

from typing import Unpack

import reflex as rx
from reflex_base.plugins.base import PreCompileContext
from reflex_base.plugins.sitemap import SitemapPlugin

from arb_app.csp import origins
from kit.settings import settings

_BAKED_IN_HOST = "endpoint.hostname = frontend_hostname;"
_BAKED_IN_PORT = 'endpoint.port = "";'


def _same_origin(state_js: str) -> str:
    if state_js.count(_BAKED_IN_HOST) != 1 or state_js.count(_BAKED_IN_PORT) != 1:
        raise RuntimeError("Reflex's state.js no longer chooses its server as it used to")
    return state_js.replace(_BAKED_IN_HOST, "endpoint.host = window.location.host;").replace(
        _BAKED_IN_PORT, ""
    )


class SameOrigin(rx.plugins.Plugin):
    """Makes a page open its socket where it came from, so that one build fits every address."""

    def pre_compile(self, **context: Unpack[PreCompileContext]) -> None:
        """Rewrite the choice of server in Reflex's client, in builds but not in `reflex run`."""
        if rx.config.environment.REFLEX_ENV_MODE.get() == rx.constants.Env.PROD:
            context["add_modify_task"]("utils/state.js", _same_origin)


config = rx.Config(
    app_name="arb_app",
    frontend_port=settings().port,
    backend_host=settings().host,
    plugins=[SameOrigin()],
    disable_plugins=[SitemapPlugin],
    cors_allowed_origins=sorted(origins(settings())),
    # What a page remembers is its view, which it asks for again whenever it connects. In Valkey
    # it would be pickled, 2.6 times as dear to open, and no page could open while Valkey is down.
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    react_strict_mode=False,
)
