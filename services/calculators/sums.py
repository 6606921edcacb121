"""The sums themselves: numbers in, an answer out."""

from collections.abc import Sequence

import numpy as np

from engine.kelly import binary
from engine.margin import Method, fair_chances
from services.calculators.parts import Answer, Column, Figure, Kind, Line, Numbers, Verdict

_STAKE = Column("stake", Kind.AMOUNT)
_RETURN = Column("returns", Kind.AMOUNT)
_PROFIT = Column("profit", Kind.SIGNED_AMOUNT)
_FAIR = (Method.MULTIPLICATIVE, Method.POWER, Method.SHIN, Method.ODDS_RATIO, Method.ADDITIVE)


def arbitrage(numbers: Numbers, odds: Sequence[float]) -> Answer:
    """Share a total so that every outcome pays alike, each stake to a whole step.

    A stake is total / (odds * sum of 1/odds), rounded; what is lost by rounding shows in the
    profit, which is counted from the stakes as rounded.
    """
    inverse = sum(1.0 / price for price in odds)
    stakes = [_stepped(numbers["total"] / (price * inverse), numbers["step"]) for price in odds]
    cost = sum(stakes)
    profits = [stake * price - cost for stake, price in zip(stakes, odds, strict=True)]
    worst = min(profits)
    locked = worst > 0.0
    crossed = "rounded_away" if inverse < 1.0 else "no_arbitrage"
    return Answer(
        verdict=Verdict.GOOD if locked else Verdict.BAD,
        said="arbitrage" if locked else crossed,
        figures=(
            Figure("margin", 1.0 / inverse - 1.0, Kind.SIGNED_PERCENT, stands_out=True),
            Figure("cost", cost, Kind.AMOUNT),
            Figure("worst", worst, Kind.SIGNED_AMOUNT),
            Figure("best", max(profits), Kind.SIGNED_AMOUNT),
        ),
        columns=(_STAKE, _RETURN, _PROFIT),
        lines=_numbered([(s, s * o, p) for s, o, p in zip(stakes, odds, profits, strict=True)]),
    )


def back_lay(numbers: Numbers, _: Sequence[float]) -> Answer:
    """Lay so much at an exchange that it does not matter whether the back bet wins.

    With net odds b = 1 + (back - 1)(1 - its commission) and an exchange that keeps a share c of
    what the lay wins, the lay stake s solves (b - 1) stake - (lay - 1) s = (1 - c) s - stake.
    """
    net = 1.0 + (numbers["back"] - 1.0) * (1.0 - numbers["back_fee"])
    kept = 1.0 - numbers["lay_fee"]
    stake, lay = numbers["stake"], numbers["lay"]
    return _hedged(stake, net * stake / (lay - 1.0 + kept), net, lay, kept, cost=stake)


def free_bet(numbers: Numbers, _: Sequence[float]) -> Answer:
    """Lay a free bet whose stake is not returned: only its winnings have to be matched."""
    net = 1.0 + (numbers["back"] - 1.0) * (1.0 - numbers["back_fee"])
    kept = 1.0 - numbers["lay_fee"]
    stake, lay = numbers["stake"], numbers["lay"]
    answer = _hedged(stake, (net - 1.0) * stake / (lay - 1.0 + kept), net, lay, kept, cost=0.0)
    share = answer.figures[-1].value / stake
    rate = Figure("conversion", share, Kind.SIGNED_PERCENT, stands_out=True)
    said = "free_bet" if share > 0 else "free_bet_lost"
    return Answer(answer.verdict, said, (rate, *answer.figures), answer.columns, answer.lines)


def dutching(numbers: Numbers, odds: Sequence[float]) -> Answer:
    """Share a total over several outcomes so that whichever of them wins pays alike."""
    inverse = sum(1.0 / price for price in odds)
    total = numbers["total"]
    stakes = [total / (price * inverse) for price in odds]
    profit = total / inverse - total
    return Answer(
        verdict=Verdict.GOOD if profit > 0 else Verdict.BAD,
        said="dutching" if profit > 0 else "dutching_loses",
        figures=(
            Figure("profit_if_one_wins", profit, Kind.SIGNED_AMOUNT, stands_out=True),
            Figure("loss_if_none_wins", -total, Kind.SIGNED_AMOUNT),
            Figure("combined_odds", 1.0 / inverse, Kind.ODDS),
            Figure("break_even", min(1.0, inverse), Kind.PERCENT),
        ),
        columns=(_STAKE, _RETURN),
        lines=_numbered([(s, s * o) for s, o in zip(stakes, odds, strict=True)]),
    )


def middle(numbers: Numbers, _: Sequence[float]) -> Answer:
    """Back both sides at two lines, for the results between them on which both win."""
    first, second, total = numbers["first"], numbers["second"], numbers["total"]
    stake = total * second / (first + second)
    other = total - stake
    one, both = stake * first - total, stake * first + other * second - total
    risked = -min(one, other * second - total)
    sure = risked <= 0
    needed = 0.0 if sure else risked / (risked + both)
    return Answer(
        verdict=Verdict.GOOD if sure else Verdict.PLAIN,
        said="middle_free" if sure else "middle",
        figures=(
            Figure("needed_chance", needed, Kind.PERCENT, stands_out=True),
            Figure("outside", -risked, Kind.SIGNED_AMOUNT),
            Figure("inside", both, Kind.SIGNED_AMOUNT),
        ),
        columns=(_STAKE, _RETURN, _PROFIT),
        lines=(
            Line("first", (stake, stake * first, one)),
            Line("second", (other, other * second, other * second - total)),
            Line("both", (total, stake * first + other * second, both)),
        ),
    )


def kelly(numbers: Numbers, _: Sequence[float]) -> Answer:
    """Stake a fraction of what makes a bankroll grow fastest (Kelly 1956), none without an edge."""
    odds, chance, bankroll = numbers["odds"], numbers["chance"], numbers["bankroll"]
    whole = float(binary(np.array(chance), np.array(odds)))
    share = whole * numbers["fraction"]
    edge = chance * odds - 1.0
    growth = chance * np.log1p(share * (odds - 1.0)) + (1.0 - chance) * np.log1p(-share)
    return Answer(
        verdict=Verdict.GOOD if whole > 0 else Verdict.BAD,
        said="kelly" if whole > 0 else "kelly_none",
        figures=(
            Figure("stake", share * bankroll, Kind.AMOUNT, stands_out=True),
            Figure("share", share, Kind.PERCENT),
            Figure("edge", edge, Kind.SIGNED_PERCENT),
            Figure("expected", edge * share * bankroll, Kind.SIGNED_AMOUNT),
            Figure("growth", float(np.expm1(growth)), Kind.SIGNED_PERCENT),
        ),
    )


def margin(_: Numbers, odds: Sequence[float]) -> Answer:
    """Take a book's margin out of its prices, by five models of how it was laid on."""
    inverse = sum(1.0 / price for price in odds)
    chances = np.array([fair_chances(np.array([odds]), method)[0] for method in _FAIR]).T.tolist()
    return Answer(
        verdict=Verdict.PLAIN,
        said="margin" if inverse >= 1.0 else "margin_crossed",
        figures=(
            Figure("overround", inverse - 1.0, Kind.PERCENT, stands_out=True),
            Figure("hold", 1.0 - 1.0 / inverse, Kind.PERCENT),
        ),
        columns=(
            *(Column(method.value, Kind.PERCENT) for method in _FAIR),
            Column("fair_odds", Kind.ODDS),
        ),
        lines=_numbered([(*said, 1.0 / said[_FAIR.index(Method.SHIN)]) for said in chances]),
    )


def converter(numbers: Numbers, _: Sequence[float]) -> Answer:
    """Write one price in every notation: the page does that with `domain.odds_formats`."""
    odds = numbers["odds"]
    return Answer(
        verdict=Verdict.PLAIN,
        said="converter",
        figures=(
            Figure("price", odds, Kind.ODDS, stands_out=True),
            Figure("implied", 1.0 / odds, Kind.PERCENT),
        ),
    )


def _hedged(  # noqa: PLR0913  the terms of one formula
    stake: float, laid: float, net: float, lay: float, kept: float, *, cost: float
) -> Answer:
    """Return both endings of a back bet that costs `cost` and is laid with `laid`."""
    liability = laid * (lay - 1.0)
    won = net * stake - stake - liability
    lost = kept * laid - cost
    worst = min(won, lost)
    return Answer(
        verdict=Verdict.GOOD if worst > 0 else Verdict.BAD,
        said="back_lay" if worst > 0 else "back_lay_loses",
        figures=(
            Figure("lay_stake", laid, Kind.AMOUNT, stands_out=True),
            Figure("liability", liability, Kind.AMOUNT),
            Figure("worst", worst, Kind.SIGNED_AMOUNT),
        ),
        columns=(_PROFIT,),
        lines=(Line("back_wins", (won,)), Line("back_loses", (lost,))),
    )


def _numbered(rows: Sequence[Sequence[float]]) -> tuple[Line, ...]:
    return tuple(Line(str(number), row) for number, row in enumerate(rows, 1))


def _stepped(stake: float, step: float) -> float:
    return round(stake / step) * step
