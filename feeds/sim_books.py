"""How simulated books price simulated events: logits that wander, jump and lag."""

import numpy as np
from numpy.typing import NDArray

from feeds.sim_parameters import Assumed, Fitted

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WINNER, HANDICAP, TOTAL = range(3)
MIRRORED, SLIPPED = 1, 2
_LONGEST_STEP, _MOST_STEPS = 1.0, 240
_FARTHEST = 3.5


class SimulatedBooks:
    """The prices of every book for every event; time is in minutes since the world began.

    `quoted` has shape (events, books, 3): the logit of home in the winner market, of home with
    the main line, of over the main total. `changed_at`, `missing_until` and `error` have shape
    (events, books); `truth`, the strength of home and of over, (events, 2).
    """

    def __init__(self, chance: np.random.Generator, events: int, books: int) -> None:
        self._chance, self._fitted, self._assumed = chance, Fitted(), Assumed()
        pairs, prices = (events, books), (events, books, 3)
        sharp = np.arange(books) < sharp_books(books)
        self._follow_tau = np.where(
            sharp, self._fitted.follow_tau_sharp, self._fitted.follow_tau_soft
        )
        self._react = np.where(sharp, self._fitted.react_sharp, self._fitted.react_soft)
        self._bias = chance.normal(0, self._fitted.bias, (1, books, 1))
        self._scale = chance.permutation(np.linspace(0.6, 1.4, books))[None, :]
        self.truth = np.zeros((events, 2))
        self.starts_at = np.zeros(events)
        self.quoted = np.zeros(prices)
        self.changed_at = np.zeros(pairs)
        self.missing_until = np.full(pairs, -np.inf)
        self.error = np.zeros(pairs, np.int8)
        self._error_until = np.full(pairs, -np.inf)
        self._lag, self._wander, self._shock = np.zeros(prices), np.zeros(prices), np.zeros(prices)
        self._next_refresh = np.zeros(pairs)
        self._urgent = np.zeros(pairs, np.bool_)
        self._volatility, self._usual_wander = np.ones(events), np.zeros(events)
        self._error_factor = np.ones(events)
        self._now = 0.0

    def begin(self, event: int, starts_at: float, wander: float, error_factor: float) -> None:
        """Put a new event in a place: every book has priced it, as if it had long been there."""
        books = self.quoted.shape[1]
        self.starts_at[event] = starts_at
        self.truth[event] = self._chance.normal(0, (0.7, 0.05))
        self._volatility[event] = self._chance.lognormal(0, self._fitted.volatility_spread)
        self._usual_wander[event] = wander
        self._error_factor[event] = error_factor
        self._lag[event] = self._shock[event] = 0
        self._wander[event] = self._chance.normal(0, wander, (books, 3)) * self._scale[0, :, None]
        self.quoted[event] = self._target()[event]
        self.missing_until[event] = self._error_until[event] = -np.inf
        self.error[event] = 0
        wait = self._interval()[event]
        self.changed_at[event] = self._now - wait * self._chance.random(books)
        self._next_refresh[event] = self.changed_at[event] + wait

    def advance(self, to: float) -> Flags:
        """Let time pass until `to`; return which book's page of which event was renewed."""
        renewed = np.zeros(self.changed_at.shape, np.bool_)
        steps = min(_MOST_STEPS, max(1, int(np.ceil((to - self._now) / _LONGEST_STEP))))
        for until in np.linspace(self._now, to, steps + 1)[1:]:
            passed = float(until) - self._now
            self._now = float(until)
            if passed > 0:
                self._move(passed)
            renewed |= self._refresh()
        return renewed

    def _move(self, passed: float) -> None:
        live = self.starts_at <= self._now
        jumps = self._news(passed, live)
        self.truth += jumps
        events = self._volatility[:, None] * self._fitted.diffusion * np.sqrt(passed)
        self.truth += events * self._chance.standard_normal(self.truth.shape)
        np.clip(self.truth, -_FARTHEST, _FARTHEST, out=self.truth)
        self._follow(passed, live, jumps)
        self._go_missing(passed, live & jumps.any(axis=1))
        self._err(passed)

    def _news(self, passed: float, live: Flags) -> Floats:
        """Return the jumps of the truth: news before the start, goals after it."""
        fitted, assumed = self._fitted, self._assumed
        nearness = np.exp(-np.maximum(self.starts_at - self._now, 0) / fitted.start_boost_tau)
        news = fitted.jumps_per_hour * self._volatility * (1 + fitted.start_boost * nearness)
        rate = np.where(live, assumed.goals_per_hour, news)[:, None] / 60
        shape = self.truth.shape
        goals = self._chance.uniform(assumed.goal_least, assumed.goal_most, shape)
        goals *= self._chance.choice([-1, 1], shape)
        sizes = fitted.jump_scale * self._chance.standard_t(fitted.jump_freedom, shape)
        sizes = np.where(live[:, None], goals, sizes)
        return np.where(self._happens(rate * passed, shape), sizes, 0.0)

    def _follow(self, passed: float, live: Flags, jumps: Floats) -> None:
        """Let every book see the jumps, now or later, and wander about what it sees."""
        fitted = self._fitted
        felt = jumps[:, None, [0, 0, 1]]
        reacts = self._chance.random(self.changed_at.shape) < self._react
        self._urgent |= reacts & felt.any(axis=2)
        self._lag *= np.exp(-passed / self._follow_tau)[None, :, None]
        self._lag += felt * ~reacts[:, :, None]
        kept = np.exp(-passed / fitted.wander_tau)
        spread = np.where(live, self._assumed.wander, self._usual_wander)[:, None] * self._scale
        noise = spread[:, :, None] * self._chance.standard_normal(self.quoted.shape)
        self._wander = self._wander * kept + noise * np.sqrt(1 - kept**2)
        self._shock *= np.exp(-passed / fitted.shock_tau)
        shocks = self._chance.laplace(0, fitted.shock_scale, self.quoted.shape)
        self._shock += shocks * self._happens(fitted.shocks_per_minute * passed, self.quoted.shape)

    def _go_missing(self, passed: float, scored: Flags) -> None:
        """Take books off the board: some by chance, most of them (an assumption) for a goal."""
        fitted, assumed, shape = self._fitted, self._assumed, self.changed_at.shape
        by_chance = self._happens(fitted.missing_per_minute * passed, shape)
        until = self._now + self._chance.exponential(fitted.missing_minutes, shape)
        by_goal = scored[:, None] & (self._chance.random(shape) < assumed.suspends)
        for_goal = self._chance.uniform(assumed.suspended_least, assumed.suspended_most, shape)
        self.missing_until = np.where(by_chance, until, self.missing_until)
        self.missing_until = np.where(by_goal, self._now + for_goal, self.missing_until)

    def _err(self, passed: float) -> None:
        shape = self.error.shape
        rate = self._fitted.errors_per_minute * self._error_factor[:, None]
        begun = self._happens(rate * passed, shape)
        lasting = self._chance.exponential(self._assumed.error_minutes, shape)
        self._error_until = np.where(begun, self._now + lasting, self._error_until)
        kinds = self._chance.integers(MIRRORED, SLIPPED, shape, np.int8, endpoint=True)
        self.error = np.where(begun, kinds, self.error)
        self.error[self._error_until < self._now] = 0

    def _refresh(self) -> Flags:
        """Renew the pages that are due; a price moves if its book looks, and it is far enough."""
        due = self._next_refresh <= self._now
        while (late := self._next_refresh <= self._now).any():
            self.changed_at = np.where(late, self._next_refresh, self.changed_at)
            self._next_refresh = np.where(
                late, self.changed_at + self._interval(), self._next_refresh
            )
        live = (self.starts_at <= self._now)[:, None]
        looks = self._chance.random(due.shape) < np.where(
            live, self._assumed.checked, self._fitted.checked
        )
        target = self._target()
        far = np.abs(target - self.quoted) > self._fitted.requote_threshold
        moved = (due & (looks | self._urgent))[:, :, None] & far
        self.quoted = np.where(moved, target, self.quoted)
        self._urgent &= ~due
        return due

    def _target(self) -> Floats:
        seen = self.truth[:, None, [0, 0, 1]] - self._lag
        return seen + self._bias + self._wander + self._shock

    def _interval(self) -> Floats:
        """Return how long each book's page of each event stands until it is renewed, in minutes."""
        fitted, live = self._fitted, (self.starts_at <= self._now)[:, None]
        usual = fitted.refresh_median_s / 60 * np.where(live, self._assumed.slower_refresh, 1.0)
        return usual * self._chance.lognormal(0, fitted.refresh_spread, self.changed_at.shape)

    def _happens(self, expected: Floats | float, shape: tuple[int, ...]) -> Flags:
        return self._chance.random(shape) < -np.expm1(-np.asarray(expected))


def sharp_books(books: int) -> int:
    """Return how many of the books, the first ones, are sharp."""
    return max(1, books // 4)
