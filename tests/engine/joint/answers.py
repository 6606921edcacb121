"""A digest of many answers of the engine, to compare the ways in which it can run."""

from hashlib import sha256

import numpy as np

from engine.game import solve
from engine.monitor import Monitor
from engine.offers import Offers
from engine.simplex import mixtures

SHARES = np.array([0.0, 0.0, 0.5, 1.0, 1.0])


def answers():
    """Return the digest of every bit of the answers to a fixed set of problems."""
    chance = np.random.default_rng(11)
    digest = sha256()
    for round_ in range(120):
        size = chance.integers(1, 25, 2)
        coarse = chance.integers(-2, 4, size) / 2.0
        game = coarse if round_ % 2 else np.round(chance.uniform(-1, 99, size), 2)
        made, stakes, measure = mixtures(game)
        verdict = solve(game)
        for part in (made, stakes, measure, *verdict):
            digest.update(np.asarray(part).tobytes())
    for part in _followed(chance):
        digest.update(part.tobytes())
    return digest.hexdigest()


def _followed(chance):
    win = chance.choice(SHARES, (9, 14))
    lose = np.where(win == 0.0, chance.choice(SHARES, win.shape), 0.0)
    monitor = Monitor()
    template = monitor.add_template(win, lose)
    events = np.array([monitor.add_event(template) for _ in range(20)])
    offers = Offers(np.repeat(np.arange(20 * 14), 3))
    for _ in range(12):
        slots = chance.integers(0, 20 * 14 * 3, 150)
        rows = offers.update(slots, np.round(chance.uniform(0, 1.1, 150), 2))
        yield monitor.update(events[rows // 14], rows % 14, offers.best[rows])
        yield monitor.value
        yield offers.best_slot
        yield np.concatenate([monitor.limits(event) for event in events])
