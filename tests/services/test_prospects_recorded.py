"""Middles, value bets and low holds in recorded odds: how many there are, and that they hold."""

from collections import Counter, defaultdict

import pytest

from domain.opportunities import Kind
from feeds.recordings import readings
from services.detect import Detector
from services.endings import payoffs, settlement

COUNTED = {
    "wnba_2026-08-05_216snaps": {Kind.VALUE: (38, 6), Kind.LOW_HOLD: (29, 5), Kind.MIDDLE: (63, 4)},
    "nfl_2026-01-03_88snaps": {Kind.VALUE: (70, 12), Kind.LOW_HOLD: (86, 20), Kind.MIDDLE: (8, 5)},
}


def accepted(path):
    """Yield what passes the gates in each reading of a window, one event after the other."""
    detector = Detector()
    for reading in readings(path):
        detector.absorb(reading)
        pieces = [piece for event in reading.events for piece in detector.pieces(event.id)]
        found = detector.prospects(pieces, (), reading.arrived_at)
        yield from (one for one in found if one.accepted)


@pytest.mark.slow
@pytest.mark.parametrize("window", COUNTED)
def test_a_recorded_window_holds_so_many_rows_and_every_one_of_them_is_what_it_says(
    recorded_dir, window
):
    rows, bets = Counter(), defaultdict(set)
    for one in accepted(recorded_dir / "odds_stream" / f"{window}.jsonl.xz"):
        rows[one.kind] += 1
        bets[one.kind].add(one.key)
        settled = settlement(one.legs, one.event.sport)
        returns = payoffs(settled, one.legs)[: settled.binding]
        assert one.proof.worst_roi == pytest.approx(float(returns.min()))
        assert not one.in_play
        if one.kind is Kind.VALUE:
            assert 0.01 <= one.value.ev <= 0.15
            assert one.value.books >= 3
            assert one.value.ev == pytest.approx(one.legs[0].odds * one.value.chance - 1)
        else:
            assert len({leg.book for leg in one.legs}) > 1
            assert one.roi == pytest.approx(float(returns.min()))
    assert {kind: (rows[kind], len(bets[kind])) for kind in rows} == COUNTED[window]
