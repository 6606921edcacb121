"""Odd arrivals as a file: CSV, for whoever may take it away."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from arb_app.exports import csv_file, door
from services import risk_look
from services.work import Work

PATH: Final = "/exports/risk.csv"
COLUMNS: Final = (
    "at", "account", "verdict", "score", "reasons", "network", "country", "agent",
)  # fmt: skip


def routes() -> list[Route]:
    """Return the door of the export."""
    return [door(PATH, "/admin/risk", "who may read the audit", export)]


async def export(work: Work, request: Request) -> Response:
    """Answer with the arrivals that the query asks for, which is put on record."""
    found = await risk_look.exported(work, risk_look.filtered(request.query_params))
    rows = (
        (
            *(one.at.isoformat(), one.user_id, one.verdict, f"{one.score:.4f}"),
            *(" ".join(one.reasons), one.network, one.country, one.agent),
        )
        for one in found
    )
    return csv_file("risk.csv", COLUMNS, rows)
