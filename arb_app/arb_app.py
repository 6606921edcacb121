"""The composition root: runtime, gate, delivery, pages and doors put together; no logic."""

import logging
from collections.abc import Callable
from pathlib import Path

import reflex as rx
from prometheus_client import Counter
from reflex.utils.exec import is_prod_mode
from reflex.utils.prerequisites import get_web_dir

from arb_app import http, live, runtime
from arb_app.chains import let_chains_go
from arb_app.csp import Asgi, Doorway
from arb_app.edge.pace import Pace
from arb_app.fanout.ending import begin_and_end_quietly
from arb_app.fanout.hub import BoardHub
from arb_app.fanout.sockets import Sockets
from arb_app.forgetting import Forgetting
from arb_app.gate import Gate
from arb_app.holder import OneHolder
from arb_app.manners import Manners
from arb_app.pages.written import written
from arb_app.payloads import Payloads
from arb_app.state.account import AccountState
from arb_app.state.board import BoardState
from arb_app.state.breaks import BreaksState
from arb_app.theme import THEMES
from kit.clock import SystemClock
from kit.settings import settings

log = logging.getLogger(__name__)

FAILED = Counter("dutchbook_events_failed_total", "Events that ended in an error.", ["error"])

_STYLE_SHEETS = (
    "/theme.css",
    "/app.css",
    "/parts.css",
    "/pages.css",
    "/opportunity.css",
    "/proof.css",
    "/history.css",
    "/grid.css",
    "/grid_rows.css",
    "/board_tools.css",
    "/prospects.css",
    "/held_back.css",
    "/calculator.css",
    "/account.css",
    "/presence.css",
    "/settings.css",
    "/security.css",
    "/passkeys.css",
)


def _doorway(app: Asgi) -> Asgi:
    if not is_prod_mode():  # `reflex run` serves pages from another port, and builds none
        return app
    return Doorway(app, settings=settings(), pages=Path(get_web_dir()) / "build" / "client")


def _theme_colour(scheme: str, colour: str) -> rx.Component:
    media = {"media": f"(prefers-color-scheme: {scheme})"}  # as a property it would be a style
    return rx.el.meta(name="theme-color", content=colour, custom_attrs=media)


def _failed(exception: Exception) -> None:
    FAILED.labels(type(exception).__name__).inc()
    log.error("an event failed", exc_info=exception)


def _composed() -> rx.App:
    composed = rx.App(
        stylesheets=list(_STYLE_SHEETS),
        head_components=[
            rx.el.link(
                rel="preload",
                href="/fonts/inter-latin.woff2",
                custom_attrs={"as": "font", "type": "font/woff2", "crossOrigin": "anonymous"},
            ),
            rx.el.script(src="/settings.js"),
            rx.el.script(src="/theme.js"),
            rx.el.script(src="/code.js"),
            rx.el.script(src="/pwa.js", defer=True),
            rx.el.script(src="/presence.js", defer=True),
            rx.el.script(src="/security.js", defer=True),
            rx.el.link(rel="manifest", href="/manifest.webmanifest"),
            rx.el.link(rel="apple-touch-icon", href="/icons/apple-180.png"),
            *(_theme_colour(scheme, tokens["bg"]) for scheme, tokens in THEMES.items()),
            rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        ],
        html_lang="en",
        toaster=None,
        app_wraps={},
        backend_exception_handler=_failed,
        frontend_exception_handler=_failed,
        api_transformer=[http.routes(), _doorway, Manners],
    )
    for page in written():
        composed.add_page(**{**page, "on_load": [AccountState.look, *page["on_load"]]})
    begin_and_end_quietly(composed)
    let_chains_go()
    for middleware in (Payloads(), OneHolder(), Pace(), Gate()):
        composed.add_middleware(middleware)
    return composed


def _delivering(served: rx.App) -> Callable[[], object]:
    clock = SystemClock()
    asked = f"{BreaksState.get_full_name()}.{BreaksState.look.fn.__name__}"
    hub = BoardHub(Sockets(served, f"{BoardState.get_full_name()}.message", asked), clock)
    runtime.install(runtime.Runtime(clock, hub))

    async def deliver_board() -> None:
        await live.deliver_or_stop(hub, runtime.current(), settings())

    return deliver_board


def _forgetting(served: rx.App) -> Callable[[], object]:
    async def forget_closed_pages() -> None:
        await Forgetting(served, SystemClock()).sweep_for_ever()

    return forget_closed_pages


app = _composed()
app.register_lifespan_task(_delivering(app))
app.register_lifespan_task(_forgetting(app))
