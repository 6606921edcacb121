import numpy as np
import pytest

from domain.errors import Broken
from engine.bets import Bets
from engine.certificate import verify, verify_guarantee
from engine.game import solve
from engine.tiers import guarantee

GAME = np.array([[1.1, -1.0, 0.2], [-1.0, 1.1, -0.3], [0.3, 0.3, -1.0]])
SOUND = solve(GAME)


def test_a_sound_verdict_gives_its_bounds():
    lower, upper = verify(GAME, SOUND)
    assert lower == pytest.approx(SOUND.lower, abs=1e-14)
    assert upper == pytest.approx(SOUND.upper, abs=1e-14)
    assert lower <= SOUND.value <= upper


def with_share(shares, place, share):
    changed = shares.copy()
    changed[place] = share
    return changed


@pytest.mark.parametrize(
    "claimed",
    [
        SOUND._replace(lower=SOUND.lower + 1e-6),
        SOUND._replace(upper=SOUND.upper - 1e-6),
        SOUND._replace(value=SOUND.value + 1e-6),
        SOUND._replace(value=np.nan),
        SOUND._replace(stakes=np.array([1.0, 0.0, 0.0])),
        SOUND._replace(measure=np.array([1.0, 0.0, 0.0])),
        SOUND._replace(stakes=SOUND.stakes * 2),
        SOUND._replace(measure=SOUND.measure / 2),
        SOUND._replace(stakes=SOUND.stakes[:2]),
        SOUND._replace(measure=SOUND.measure[:2]),
        SOUND._replace(stakes=with_share(SOUND.stakes, 2, -1e-12)),
        SOUND._replace(measure=with_share(SOUND.measure, 2, np.nan)),
    ],
)
def test_a_verdict_that_claims_what_it_does_not_prove_is_an_error(claimed):
    with pytest.raises(Broken):
        verify(GAME, claimed)


def test_a_verdict_about_another_game_is_an_error():
    with pytest.raises(Broken):
        verify(GAME - 0.01, SOUND)


PUSHING = Bets(
    np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]),
    np.array([[0.0, 1.0], [0.0, 0.0], [1.0, 0.0]]),
    np.array([1.1, 1.1]),
)


def test_a_guarantee_is_proven_by_its_stakes_and_its_measure():
    assert verify_guarantee(PUSHING, None, guarantee(PUSHING)).lower == pytest.approx(0.05)


@pytest.mark.parametrize(
    "change", [{"roi": 0.051}, {"upper": 0.049}, {"stakes": np.array([0.6, 0.4])}]
)
def test_a_guarantee_that_claims_too_much_is_an_error(change):
    with pytest.raises(Broken):
        verify_guarantee(PUSHING, None, guarantee(PUSHING)._replace(**change))
