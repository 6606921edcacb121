import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Broken
from engine.bets import Bets, payoff
from engine.game import NOISE, asking, by_highs, cut, solve
from engine.monitor import Monitor
from engine.trigger import thresholds

SHARES = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.0], [0.0, 0.0], [0.0, 0.5]])
PAIR = np.eye(2), 1.0 - np.eye(2)
WITH_PUSH = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])


def a_template(chance):
    states, shapes = chance.integers(2, 7), chance.integers(2, 9)
    cells = SHARES[chance.choice(5, (states, shapes), p=[0.4, 0.4, 0.07, 0.06, 0.07])]
    return cells[..., 0].copy(), cells[..., 1].copy()


def near_fair(chance, win, lose):
    """Net odds around those that are fair under one measure, so that arbitrages come and go."""
    measure = chance.dirichlet(np.ones(len(win)))
    fair = (measure @ lose) / np.maximum(measure @ win, 1e-3)
    return np.clip(fair, 0.02, 50.0)


class World:
    """Events in a monitor, and their prices kept beside it."""

    def __init__(self, seed, *, least, gap=NOISE):
        self.chance, self.least = np.random.default_rng(seed), least
        self.monitor = Monitor(least=least, gap=gap)
        shares = [a_template(self.chance) for _ in range(3)]
        numbers = [self.monitor.add_template(*pair) for pair in shares]
        self.shares, self.fair, self.net = {}, {}, {}
        for _ in range(12):
            kind = int(self.chance.integers(3))
            event = self.monitor.add_event(numbers[kind])
            self.shares[event] = shares[kind]
            self.fair[event] = near_fair(self.chance, *shares[kind])
            self.net[event] = np.zeros(len(self.fair[event]))

    def batch(self, size):
        events = self.chance.integers(0, len(self.net), size)
        shapes = np.array([self.chance.integers(len(self.net[event])) for event in events])
        fair = np.array([self.fair[e][s] for e, s in zip(events, shapes, strict=True)])
        net = fair * np.exp(self.chance.normal(-0.02, 0.05, size))
        net[self.chance.random(size) < 0.1] = 0.0
        for event, shape, price in zip(events, shapes, net, strict=True):
            self.net[event][shape] = price
        return events, shapes, net

    def solved_anew(self, event):
        """The value by a full solution, or None without prices."""
        win, lose = self.shares[event]
        live = self.net[event] > 0
        if not live.any():
            return None
        bets = Bets(win[:, live], lose[:, live], self.net[event][live])
        return solve(payoff(asking(bets, self.least)))


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.sampled_from([0.0, 1e-4]))
def test_after_every_batch_it_equals_a_full_solution_of_everything(seed, size, least):
    world = World(seed, least=least)
    for _ in range(15):
        before = world.monitor.value.copy()
        again = world.monitor.update(*world.batch(size))
        for event in world.net:
            anew, value = world.solved_anew(event), world.monitor.value[event]
            found = anew is not None and anew.lower > cut(least)
            assert (event in world.monitor.found) == found
            assert not found or value == pytest.approx(anew.lower, abs=1e-9)
            assert event in again or value == before[event]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1e-4]))
def test_its_limits_are_the_thresholds_of_its_last_verdict(seed, least):
    world = World(seed, least=least)
    for event in world.monitor.update(*world.batch(60)):
        verdict = world.solved_anew(event)
        if verdict is not None:
            expected = thresholds(*world.shares[event], verdict, least=least)
            np.testing.assert_allclose(world.monitor.limits(event), expected, rtol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1e-4]))
def test_where_the_simplex_proves_too_little_the_second_solver_keeps_it_exact(seed, least):
    world = World(seed, least=least, gap=-1.0)
    for _ in range(3):
        world.monitor.update(*world.batch(30))
        for event in world.net:
            anew, value = world.solved_anew(event), world.monitor.value[event]
            if anew is not None and anew.lower > cut(least):
                assert value == pytest.approx(anew.lower, abs=1e-9)
            else:
                assert event not in world.monitor.found


def test_where_no_solver_proves_an_event_that_is_an_error_and_the_others_go_on():
    def second(game):
        if game.max() > 5.0:
            raise Broken("out of order")
        return by_highs(game)

    monitor = Monitor(gap=-1.0, others=[second])
    template = monitor.add_template(*PAIR)
    ill, well = (monitor.add_event(template) for _ in range(2))
    at, shapes = np.array([ill, ill, well, well]), np.array([0, 1, 0, 1])
    with pytest.raises(Broken, match=rf"events \[{ill}\]"):
        monitor.update(at, shapes, np.array([9.0, 0.9, 1.3, 0.9]))
    assert np.isnan(monitor.value[ill])
    assert monitor.found.tolist() == [well]
    assert write(monitor, ill, 1.2, 0.9) == [ill]
    assert monitor.found.tolist() == [ill, well]


def opened(*net, least=0.0, shares=PAIR):
    monitor = Monitor(least=least)
    event = monitor.add_event(monitor.add_template(*shares))
    write(monitor, event, *net)
    return monitor, event


def write(monitor, event, *net):
    shapes = np.arange(len(net))
    return monitor.update(np.full(len(net), event), shapes, np.array(net)).tolist()


def test_a_price_that_falls_off_the_stakes_needs_no_solver():
    monitor, event = opened(0.9, 0.9)
    calls = monitor.solver_calls
    assert write(monitor, event, 0.8, 0.7) == []
    assert write(monitor, event, 0.0, 0.7) == []
    assert monitor.solver_calls == calls


def test_a_price_that_passes_its_limit_makes_an_arbitrage():
    monitor, event = opened(0.9, 0.9)
    assert monitor.found.tolist() == []
    assert write(monitor, event, 1.3, 0.9) == [event]
    assert monitor.found.tolist() == [event]
    assert monitor.value[event] == pytest.approx(1 / (1 / 2.3 + 1 / 1.9) - 1)


@pytest.mark.parametrize("net", [0.0, 1.0])
def test_an_arbitrage_ends_when_a_leg_falls_or_is_withdrawn(net):
    monitor, event = opened(1.3, 0.9)
    assert write(monitor, event, net, 0.9) == [event]
    assert monitor.found.tolist() == []


def test_the_same_price_again_changes_nothing():
    monitor, event = opened(1.3, 0.9)
    assert write(monitor, event, 1.3, 0.9) == []


def test_the_last_of_a_repeated_price_stands():
    monitor, event = opened(0.9, 0.9)
    at = np.full(2, event)
    monitor.update(at, np.zeros(2, int), np.array([1.5, 0.9]))
    assert monitor.found.tolist() == []
    monitor.update(at, np.zeros(2, int), np.array([0.9, 1.5]))
    assert monitor.found.tolist() == [event]


def test_what_is_given_back_counts_when_settled_cash_is_asked():
    shares = WITH_PUSH, WITH_PUSH[::-1]
    assert opened(1.1, 1.1, shares=shares)[0].found.tolist() == []
    assert opened(1.1, 1.1, shares=shares, least=1e-4)[0].found.tolist() == [0]
    assert opened(0.9, 0.9, shares=shares, least=1e-4)[0].found.tolist() == []


def test_a_removed_event_is_forgotten_and_its_number_used_again():
    monitor, event = opened(1.3, 0.9)
    monitor.remove_event(event)
    assert monitor.found.tolist() == []
    with pytest.raises(ValueError, match="removed"):
        write(monitor, event, 1.3, 0.9)
    assert monitor.add_event(0) == event
    assert monitor.value[event] == -np.inf
    write(monitor, event, 1.2, 0.0)
    assert monitor.found.tolist() == []


def test_its_verdict_is_of_the_bets_with_a_price():
    monitor, event = opened(1.3, 0.9)
    live, bets = monitor.bets(event)
    assert (live.tolist(), bets.net.tolist()) == ([0, 1], [1.3, 0.9])
    assert monitor.verdict(event).value == pytest.approx(monitor.value[event], abs=NOISE)


@pytest.mark.parametrize(
    ("event", "shape", "net", "words"),
    [
        (0, 0, np.nan, "net odds"),
        (0, 0, np.inf, "net odds"),
        (0, 0, -0.1, "net odds"),
        (0, 0, 1e7, "net odds"),
        (1, 0, 1.0, "no such event"),
        (-1, 0, 1.0, "no such event"),
        (0, 2, 1.0, "no such shape"),
        (0, -1, 1.0, "no such shape"),
    ],
)
def test_what_is_no_price_is_refused_and_nothing_is_written(event, shape, net, words):
    monitor, known = opened(0.9, 0.9)
    with pytest.raises(ValueError, match=words):
        monitor.update(np.array([known, event]), np.array([0, shape]), np.array([2.0, net]))
    assert monitor.bets(known)[1].net.tolist() == [0.9, 0.9]


def test_an_empty_batch_is_no_work():
    monitor, _ = opened(0.9, 0.9)
    none = np.empty(0, np.int64)
    assert monitor.update(none, none, np.empty(0)).tolist() == []


@pytest.mark.parametrize(
    ("win", "lose"),
    [
        (np.ones((2, 2)), np.ones((2, 2))),
        (np.ones((2, 2)), np.zeros((2, 3))),
        (-np.ones((2, 2)), np.zeros((2, 2))),
        (np.full((2, 2), np.nan), np.zeros((2, 2))),
        (np.empty((0, 2)), np.empty((0, 2))),
        (np.ones(2), np.zeros(2)),
    ],
)
def test_a_template_of_no_shares_is_refused(win, lose):
    with pytest.raises(ValueError, match="shares"):
        Monitor().add_template(win, lose)


@pytest.mark.parametrize("least", [-0.1, 1.0, np.nan])
def test_an_absurd_return_cannot_be_asked(least):
    with pytest.raises(ValueError, match="least return"):
        Monitor(least=least)


def test_unknown_templates_and_events_are_refused():
    monitor, event = opened(0.9, 0.9)
    with pytest.raises(ValueError, match="template"):
        monitor.add_event(7)
    monitor.remove_event(event)
    for act in (monitor.remove_event, monitor.bets, monitor.limits, monitor.verdict):
        with pytest.raises(ValueError, match="event"):
            act(event)
