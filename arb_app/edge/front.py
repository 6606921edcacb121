"""The front: every wrapper of the edge around the whole application, the outermost last."""

from arb_app.csp import Asgi
from arb_app.edge.headers import SafeHeaders
from arb_app.edge.keeper import Keeper
from arb_app.edge.problems import Problems
from arb_app.edge.rates import Rates
from arb_app.edge.request_ids import RequestIds
from arb_app.edge.sizes import Sizes


def fronted(app: Asgi) -> Asgi:
    """Return the application as the network meets it."""
    return RequestIds(SafeHeaders(Problems(Sizes(Rates(app, Keeper())))))
