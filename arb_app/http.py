"""Doors for machines: is it alive, is it ready, what does it count."""

import ipaddress
from collections import Counter
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from arb_app import (
    admin_exports,
    audit_export,
    breaks,
    joining,
    limits_export,
    machinery_export,
    openapi,
    own_data,
    passkeys,
    phones,
    refusing,
    risk_export,
    sign_in,
    stepping,
)
from arb_app.edge.problems import problem
from arb_app.runtime import current
from domain.alerts import AlertCode
from domain.errors import Broken, Unavailable
from services import alerts, status
from services.access import ANONYMOUS
from services.passwords import Passwords
from services.work import begin

ALERTS: Final = Gauge("dutchbook_alerts_open", "What is wrong with sources now.", ["code"])
CHECKED: Final = Gauge(
    "dutchbook_opportunities_checked",
    "What came of asking sources again before opportunities were shown, so far.",
    ["outcome"],
)


async def healthz(_: Request) -> Response:
    """Say that the process is alive."""
    return PlainTextResponse("ok\n")


async def readyz(_: Request) -> Response:
    """Say whether everything behind the pages works, and if not, what does not."""
    failing = await _failing()
    if not failing:
        return PlainTextResponse("ready\n")
    return problem(503, "Not ready", detail="; ".join(failing.values()), failing=sorted(failing))


async def metrics(request: Request) -> Response:
    """Return this process's counters, to callers on this machine only."""
    if not _is_local(request):
        return problem(403, "Forbidden", detail="metrics are for this machine only")
    await _count_alerts()
    await _count_checked()
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def routes() -> Starlette:
    """Return the doors as an application that Reflex's own is mounted into."""
    doors, passwords = (healthz, readyz, metrics), Passwords()
    forms = (*sign_in.routes(passwords), *joining.routes(passwords), *breaks.routes())
    forms += (*stepping.routes(passwords), *passkeys.routes(), *phones.routes())
    found = [*(Route(f"/{door.__name__}", door) for door in doors), *forms]
    for exports in (audit_export, risk_export, machinery_export, admin_exports, own_data):
        found += exports.routes()
    found += limits_export.routes()
    found.append(openapi.route(found.copy()))
    return Starlette(routes=[*found, *refusing.closed(found)])


async def _count_alerts() -> None:
    """Bring the gauge of alerts up to date; while they cannot be asked for it says nothing."""
    try:
        async with begin(current().resources, ANONYMOUS) as work:
            found = Counter(alert.code for alert in await alerts.open_alerts(work))
    except (Unavailable, Broken):
        ALERTS.clear()
        return
    for code in AlertCode:
        ALERTS.labels(code).set(found[code])


async def _count_checked() -> None:
    """Do the same for what was checked: all workers together, since Valkey was empty."""
    try:
        async with begin(current().resources, ANONYMOUS) as work:
            found = await status.checked(work)
    except (Unavailable, Broken):
        CHECKED.clear()
        return
    for outcome, many in found.items():
        CHECKED.labels(outcome).set(many)


async def _failing() -> dict[str, str]:
    try:
        async with begin(current().resources, ANONYMOUS) as work:
            health = await status.health(work)
    except Unavailable as e:
        return {"connections": str(e)}
    failing = {
        "postgresql": "" if health.postgres else "PostgreSQL does not answer",
        "valkey": "" if health.valkey else "Valkey does not answer",
        "board": _stale(current().board.age_s),
    }
    return {part: reason for part, reason in failing.items() if reason}


def _stale(age_s: float | None) -> str:
    if age_s is None:
        return "no board was published yet"
    return f"the board is {age_s:.0f} s old" if age_s > status.BOARD_FRESH_S else ""


def _is_local(request: Request) -> bool:
    if request.client is None or "x-forwarded-for" in request.headers:
        return False
    return ipaddress.ip_address(request.client.host).is_loopback
