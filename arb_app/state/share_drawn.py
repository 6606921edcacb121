"""An opportunity as a picture to share: what is bet on and what it returns, and never where."""

import base64
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape

from arb_app import format as as_text
from arb_app import words
from arb_app.state.opportunity_shown import market_of
from arb_app.wire import returned
from arb_app.words import say
from domain.opportunities import Leg, Opportunity
from domain.plans import View

WIDTH: Final = 1200
MOST_LEGS: Final = 6
_TOP, _ROW, _FOOT = 250, 78, 96
_LONGEST: Final = 52
_GROUND, _CARD = "#0a0e16", "#111723"
_LOOKS: Final = (
    "text{font-family:Inter,'Segoe UI','Helvetica Neue',Arial,sans-serif;fill:#e9edf6}"
    ".name,.aside{fill:#9ba8bf;font-size:24px}.name{font-weight:650}"
    ".title{font-size:44px;font-weight:700}"
    ".return{font-size:52px;font-weight:700;fill:#56d6a4;text-anchor:end}"
    ".bet{font-size:28px;font-weight:600}"
    ".odds{font-size:32px;font-weight:700;text-anchor:end}"
    ".share{font-size:26px;fill:#9ba8bf;text-anchor:end}"
)


def svg(found: Opportunity, view: View, now: datetime) -> str:
    """Return the picture as SVG, with as much as the view shows; all text in it is escaped."""
    legs = found.legs[:MOST_LEGS]
    height = _TOP + _ROW * len(legs) + _FOOT
    event = found.event
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f"<title>{_safe(told(found, view))}</title><style>{_LOOKS}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="{_GROUND}"/>',
        _text(60, 74, "name", say("product.name")),
        _text(60, 136, "title", _short(f"{event.home} v {event.away}", 34)),
        _text(60, 184, "aside", _short(market_of(found), 64)),
        _text(1140, 136, "return", returned(found.roi, view)),
        _text(1140, 184, "share", say("opportunity.roi")),
        *_rows(legs, found, view),
        _text(60, height - 40, "aside", _foot(found, now)),
        "</svg>",
    ]
    return "".join(parts)


def told(found: Opportunity, view: View) -> str:
    """Return the same in a few lines of text."""
    event = found.event
    lines = [
        f"{event.home} v {event.away}, {market_of(found)}",
        *(_leg_told(leg, found, view) for leg in found.legs[:MOST_LEGS]),
        f"{say('opportunity.roi')}: {returned(found.roi, view)}",
    ]
    return "\n".join(lines)


def data_uri(picture: str) -> str:
    """Return a picture as an address that holds all of it."""
    encoded = base64.b64encode(picture.encode("utf-8", "replace")).decode("ascii")
    return f"data:image/svg+xml;base64,{encoded}"


def _rows(legs: Sequence[Leg], found: Opportunity, view: View) -> Iterator[str]:
    for place, leg in enumerate(legs):
        top = _TOP + place * _ROW
        yield f'<rect x="40" y="{top - 28}" width="1120" height="64" rx="14" fill="{_CARD}"/>'
        yield _text(64, top + 14, "bet", _short(words.leg(leg, found.event)))
        if not view.plan.mask_books:
            yield _text(940, top + 15, "odds", as_text.odds(leg.odds))
            share = as_text.percent(leg.share, digits=1, signed=False)
            yield _text(1136, top + 14, "share", share)


def _leg_told(leg: Leg, found: Opportunity, view: View) -> str:
    bet = words.leg(leg, found.event)
    return bet if view.plan.mask_books else f"{bet} @ {as_text.odds(leg.odds)}"


def _foot(found: Opportunity, now: datetime) -> str:
    more = len(found.legs) - MOST_LEGS
    origin = words.origin_chip(found.origin)
    text = say("share.foot", at=as_text.instant(now, UTC), origin=origin)
    return f"{say('share.more', count=more)} {text}" if more > 0 else text


def _short(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "\u2026"


def _text(x: int, y: int, look: str, text: str) -> str:
    return f'<text x="{x}" y="{y}" class="{look}">{_safe(text)}</text>'


def _safe(text: str) -> str:
    """Return text that no XML parser minds, and that is nothing but text."""
    spaced = (" " if each.isspace() else each for each in text)
    return escape("".join(each for each in spaced if each.isprintable()))
