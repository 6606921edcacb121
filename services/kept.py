"""What is kept and for how long, read from what the tables themselves declare."""

import re
from dataclasses import dataclass
from typing import Final

from kit.settings import Settings
from store.tables import OWNERS, RETENTION

ABOUT_PEOPLE: Final = (*OWNERS, "audit", "match_actions")
"""Tables whose rows are a member's, or name one."""
ABOUT_PRICES: Final = (
    "quotes",
    "quotes_daily",
    "events",
    "opportunities",
    "refused_crossings",
    "unknown_names",
    "alerts",
)
"""Tables of public prices that speak of nobody."""
_FIGURE: Final = re.compile(r"DUTCHBOOK_([A-Z_]+)|\b(\d+)\b")


@dataclass(frozen=True, slots=True)
class Kept:
    """One table, the rule by which its rows go, and the figures in it: days, then others."""

    table: str
    rule: str
    figures: tuple[int, ...]


def kept(table: str, settings: Settings) -> Kept:
    """Return how long the rows of a table are kept, with what the operator has set filled in.

    Examples:
        >>> kept("quotes", Settings(retention_days=30)).figures
        (30,)
        >>> kept("unknown_names", Settings()).figures
        (30, 500)
    """
    rule = _FIGURE.sub(lambda found: str(_figure(found, settings)), RETENTION[table])
    return Kept(table, rule, tuple(int(each) for each in re.findall(r"\b\d+\b", rule)))


def _figure(found: re.Match[str], settings: Settings) -> int:
    name, number = found.groups()
    return getattr(settings, name.lower()) if name else int(number)
