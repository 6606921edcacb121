"""What was refused in the last day as a file: CSV, for whoever may see how the machinery does."""

from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from arb_app.exports import csv_file, door
from services import limits
from services.work import Work

PATH: Final = "/exports/limits.csv"
_COLUMNS: Final = ("minute", "class", "quota", "refused")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def routes() -> list[Route]:
    """Return the door of the export."""
    return [door(PATH, "/admin/limits", "who look after the system", export)]


async def export(work: Work, _: Request) -> Response:
    """Answer with a row a minute, class and quota; that it was asked for is put on record."""
    rows = (
        ((_EPOCH + timedelta(minutes=one.minute)).isoformat(), one.kind, one.quota, one.count)
        for one in await limits.exported(work)
    )
    return csv_file("limits.csv", _COLUMNS, rows)
