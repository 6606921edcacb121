"""The anomaly score on recorded prices with faults put into them, by one seed."""

import numpy as np
import pytest

from benchmarks.anomaly_faults import FAINT, FAULTS, faults
from benchmarks.anomaly_fit import FALSE_POSITIVES, fitted
from benchmarks.anomaly_windows import measured, window_of
from engine.anomaly import USUAL
from engine.peers import Apart

COUNT = 4_000


@pytest.fixture(scope="module")
def windows(recorded_dir):
    folder = recorded_dir / "odds_stream"
    return [
        window_of(folder / f"{name}.jsonl.xz")
        for name in ("wnba_2026-07-21_72snaps", "wnba_2026-08-05_216snaps")
    ]


def scores(parts, usual):
    return (parts / np.array(usual)[:, np.newaxis]).max(axis=0)


@pytest.mark.parametrize("learned", [0, 1])
def test_faults_are_told_from_sound_prices_by_what_another_window_taught(windows, learned):
    usual, judged = fitted(windows[learned].sound), windows[1 - learned]
    threshold = np.quantile(scores(judged.sound, usual), 1 - FALSE_POSITIVES)
    recall = {}
    for name, spoil in FAULTS.items():
        found = faults(judged, spoil, COUNT, np.random.default_rng(1))
        felt = found.moved >= (0.0 if name == "stale" else FAINT)
        recall[name] = (scores(found.parts, usual) > threshold)[felt].mean()
    assert np.mean([recall["swap"], recall["slip"], recall["finger"]]) >= 0.9
    assert recall["stale"] >= 0.65


def test_what_is_usual_is_what_the_recordings_say(windows):
    pooled = fitted(np.concatenate([window.sound for window in windows], axis=1))
    assert pooled.z == pytest.approx(USUAL["basketball"].z, abs=0.05)
    assert pooled.innovation == pytest.approx(USUAL["basketball"].innovation, abs=5e-4)
    assert pooled.age_s == USUAL["basketball"].age_s


def test_a_spoilt_price_is_judged_with_no_knowledge_of_what_it_should_be(windows):
    window = windows[0]
    again = faults(window, FAULTS["swap"], COUNT, np.random.default_rng(2))
    assert again.parts.shape == (3, len(again.moved))
    assert np.isfinite(again.parts).all()
    nothing = measured(Apart(np.zeros(1), np.zeros(1)), np.full(1, np.nan), np.zeros(1))
    assert nothing.tolist() == [[0.0], [0.0], [0.0]]
