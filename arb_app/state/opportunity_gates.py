"""What the gates said of an opportunity as its page shows it: why accepted, what speaks against."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from arb_app import format as as_text
from arb_app import words
from arb_app.state.opportunity_shown import market_of
from arb_app.words import say
from domain.board import RefusedRow
from domain.opportunities import GateCode, Opportunity, Refusal
from services.board import Life
from services.margins import Apart, Margin, margins


@dataclass(frozen=True)
class RefusalLine:
    """One gate's objection to a crossing."""

    key: str = ""
    market: str = ""
    roi: str = ""
    chip: str = ""
    text: str = ""
    detail: str = ""


@dataclass(frozen=True)
class MarginLine:
    """How close one gate was; `width` is that of its bar, `close` that it nearly refused."""

    key: str = ""
    chip: str = ""
    figure: str = ""
    used: str = ""
    width: str = "0%"
    close: bool = False


def margin_lines(found: Opportunity, apart: Sequence[Apart | None] = ()) -> list[MarginLine]:
    """Return every gate's figure beside its limit, the closest to a refusal first."""
    return [_margin(margin, number) for number, margin in enumerate(margins(found, apart=apart))]


def margins_told(lines: Sequence[MarginLine]) -> str:
    """Return in a sentence how many gates nearly refused."""
    close = sum(line.close for line in lines)
    key = "margin.told.one" if close == 1 else "margin.told" if close else "margin.told.none"
    return say(key, close=close, count=len(lines))


def _margin(margin: Margin, number: int) -> MarginLine:
    chip = say(f"margin.gate.{margin.code}")
    if margin.book:
        chip = say("margin.of", chip=chip, book=words.book(margin.book))
    share = as_text.percent(margin.used, digits=0, signed=False)
    return MarginLine(
        key=f"{number} {margin.code} {margin.book}",
        chip=chip,
        figure=_figure(margin),
        used=say("margin.used", share=share),
        width=f"{margin.used:.0%}",
        close=margin.close,
    )


def _figure(margin: Margin) -> str:
    if margin.code is GateCode.RULES_UNKNOWN:
        return say("margin.return", figure=as_text.percent(margin.figure))
    if margin.code is GateCode.WAY_OUT:
        figure, limit = f"{margin.figure:.2f}", f"{margin.limit:g}"
        return say("margin.apart", figure=figure, limit=limit, count=margin.others)
    return say("margin.seconds", figure=f"{margin.figure:.0f} s", limit=f"{margin.limit:g}")


def own_refusals(life: Life, near: Sequence[RefusedRow]) -> list[RefusalLine]:
    """Return why the gates took it off the board, with figures if the prices still cross."""
    if life.gone_reason not in set(GateCode):
        return []
    key = life.row.opportunity.key
    if still := [row.opportunity for row in near if row.opportunity.key == key]:
        return list(_lines(still))
    last = Refusal(code=GateCode(life.gone_reason), detail="")
    return [_line(life.row.opportunity, last, 0)]


def near_misses(life: Life, near: Sequence[RefusedRow]) -> list[RefusalLine]:
    """Return what else of the same event crosses and is held back."""
    own = life.row.opportunity
    others = [
        row.opportunity
        for row in near
        if row.opportunity.event.id == own.event.id and row.opportunity.key != own.key
    ]
    return list(_lines(others))


def _lines(refused: Sequence[Opportunity]) -> Iterator[RefusalLine]:
    for found in refused:
        for n, refusal in enumerate(found.refusals):
            yield _line(found, refusal, n)


def _line(found: Opportunity, refusal: Refusal, n: int) -> RefusalLine:
    return RefusalLine(
        key=f"{found.key}-{n}",
        market="" if n else market_of(found),
        roi="" if n else as_text.percent(found.roi),
        chip=words.gate_chip(refusal.code),
        text=words.gate_text(refusal.code),
        detail=words.sentence(refusal.detail),
    )
