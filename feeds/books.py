"""Books that take a commission of net winnings, by the names that sources give them."""

EXCHANGE_COMMISSION = 0.05
_BY_PREFIX = {
    "betdaq": EXCHANGE_COMMISSION,
    "betfair_ex": 0.05,
    "matchbook": EXCHANGE_COMMISSION,
    "smarkets": 0.02,
    "sx_bet": 0.04,
}


def commission(book: str) -> float:
    """Return the share of net winnings that a book keeps; 0 for a bookmaker.

    Standard rates before any member's discount; an exchange whose rate we cannot name counts
    with the dearest, so that no profit is shown which its fee would take.
    """
    return next((rate for name, rate in _BY_PREFIX.items() if book.startswith(name)), 0.0)


def lay_commission(book: str) -> float:
    """Return the commission of a book that takes lay bets, which only exchanges do."""
    return commission(book) or EXCHANGE_COMMISSION
