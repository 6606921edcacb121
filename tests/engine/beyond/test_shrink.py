import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.seasons import World, growths
from engine.shrink import PRIOR_MARKET, PRIOR_MODEL, Shrinker, logit


def events(seed, count, *, model, market, close=0.05):
    """Logits of model, market and close, with errors of those sizes, and the truth."""
    chance = np.random.default_rng(seed)
    truth = chance.normal(0, 0.7, count)
    said = [truth + chance.normal(0, spread, count) for spread in (model, market, close)]
    return said, truth


def test_before_any_close_the_prior_stands():
    assert Shrinker.fit(np.zeros(0), np.zeros(0), np.zeros(0)) == Shrinker()
    assert (Shrinker().model, Shrinker().market) == (PRIOR_MODEL, PRIOR_MARKET)


def test_many_closes_teach_the_weights_that_the_errors_deserve():
    (model, market, close), _ = events(1, 20_000, model=0.1, market=0.2)
    learned = Shrinker.fit(model, market, close)
    assert learned.model == pytest.approx(0.8, abs=0.02)  # 1 / 0.1 ** 2 against 1 / 0.2 ** 2
    assert learned.market == pytest.approx(0.2, abs=0.02)
    # the truth's own spread about the best mixture, and the noise of the close
    assert learned.spread == pytest.approx(np.hypot(1 / np.sqrt(125), 0.05), abs=0.005)


def test_few_closes_move_the_weights_only_part_of_the_way():
    (model, market, close), _ = events(2, 20_000, model=0.1, market=0.2)
    few = Shrinker.fit(model[:10], market[:10], close[:10])
    assert PRIOR_MODEL < few.model < 0.75


def test_a_worthless_model_ends_with_hardly_any_weight():
    chance = np.random.default_rng(3)
    market = chance.normal(0, 0.7, 5_000)
    learned = Shrinker.fit(chance.normal(0, 1.0, 5_000), market, market)
    assert abs(learned.model) <= 0.01
    assert learned.market == pytest.approx(1.0, abs=0.01)


@settings(deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.01, 1.0))
def test_the_chance_lies_between_the_models_and_the_markets_or_nearer_to_a_half(
    model, market, spread
):
    found = Shrinker(0.4, 0.6, spread).chance(np.array(model), np.array(market))
    ends = [1 / (1 + np.exp(-model)), 1 / (1 + np.exp(-market)), 0.5]
    assert min(ends) - 1e-12 <= found <= max(ends) + 1e-12


@settings(deadline=None)
@given(st.floats(-2.5, 2.5), st.floats(0.0, 0.6))
def test_the_mean_over_the_spread_is_what_integration_gives(middle, spread):
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    exact = (weights / (1 + np.exp(-(middle + spread * nodes)))).sum() / weights.sum()
    found = Shrinker(0.5, 0.5, spread).chance(np.array(middle), np.array(middle))
    assert found == pytest.approx(exact, abs=2e-3)


@settings(deadline=None)
@given(st.floats(0.001, 0.999))
def test_a_logit_is_undone_by_the_logistic(chance):
    assert 1 / (1 + np.exp(-logit(np.array(chance)))) == pytest.approx(chance)


@pytest.mark.parametrize(
    ("sides", "said"),
    [
        (([0.1], [0.1, 0.2], [0.1]), "one logit"),
        (([0.1], [np.nan], [0.1]), "finite"),
        (([np.inf], [0.1], [0.1]), "finite"),
    ],
)
def test_logits_that_are_none_are_refused_by_name(sides, said):
    with pytest.raises(ValueError, match=said):
        Shrinker.fit(*map(np.array, sides))
    with pytest.raises(ValueError, match="above 0 and below 1"):
        logit(np.array([0.0]))


@pytest.mark.parametrize(
    "world",
    [World(), World(model=(0.08, 0.35)), World(close=0.10)],
    ids=["mild errors", "a poor model", "a noisy close"],
)
def test_shrunk_chances_grow_more_than_half_kelly_on_the_same_events(world):
    grown = growths(np.random.default_rng(2026), world, 24)
    ahead = grown["shrunk"] - grown["half_kelly"]
    error = ahead.std(ddof=1) / np.sqrt(len(ahead))
    assert ahead.mean() - 2.5 * error > 0.0
    assert grown["shrunk"].mean() > 0.0
    # nothing that can be learned beats knowing the weights, nor anything knowing the truth
    assert grown["shrunk"].mean() < grown["known"].mean() < grown["oracle"].mean()


def test_shrinking_beats_half_kelly_by_a_sixth_or_more_where_half_kelly_is_at_its_best():
    grown = growths(np.random.default_rng(7), World(), 40)
    paired = np.random.default_rng(8).integers(0, 40, (2_000, 40))
    ratios = grown["shrunk"][paired].mean(axis=1) / grown["half_kelly"][paired].mean(axis=1)
    assert np.quantile(ratios, 0.025) > 1.16
