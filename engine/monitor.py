"""The monitor: every event's arbitrage kept exact, while almost no price needs a solver."""

from collections.abc import Sequence

import numpy as np

from domain.errors import Broken
from engine.bets import Bets, Floats, payoff
from engine.game import GAP, MOST, NOISE, SOLVERS, Solver, Verdict, asking, cut, solve
from engine.monitor_loops import Bar, Events, Templates, doubted, limits, solved
from engine.simplex import Ints


class Monitor:
    """The best price of each shape of each event, and what they are worth together; one writer.

    Each event keeps the measure of its last solution as one limit a shape (`trigger.thresholds`):
    while no price passes its limit, the event's value cannot have risen. It cannot have fallen
    either unless a price changed that its stakes rest on. All other changes cost one comparison.
    """

    def __init__(
        self, *, least: float = 0.0, gap: float = GAP, others: Sequence[Solver] = SOLVERS[1:]
    ) -> None:
        """Begin without templates and events.

        Args:
            least: Return asked of the cash that settles. 0: what counts is the return on all cash,
                which is not certain where stakes are given back. Above 0: whatever is not given
                back must return that much; `value` is then the worst profit less what is asked,
                and 0 where all is given back.
            gap: How far apart the proofs of the simplex may be before other solvers are asked.
            others: Those solvers.

        Raises:
            ValueError: `least` is not in [0, 1).
        """
        if not 0.0 <= least < 1.0:
            raise ValueError("the least return must be in [0, 1)")
        self._bar, self._others = Bar(least, cut(least), gap), others
        none = np.empty(0, np.int64)
        self._templates = Templates(np.empty(0), np.empty(0), none, none, none)
        self._events = Events(
            template=none,
            first=none,
            value=np.empty(0),
            due=np.empty(0, np.bool_),
            net=np.empty(0),
            limit=np.empty(0),
            held=np.empty(0, np.bool_),
        )
        self._kinds = self._cells = self._used = self._rows = 0
        self._free: dict[int, list[int]] = {}
        self.solver_calls = 0

    def add_template(self, win: Floats, lose: Floats) -> int:
        """Return the number of a new template.

        Args:
            win: Shape (states, shapes): share of the cash at risk that wins.
            lose: Likewise what loses.

        Raises:
            ValueError: They are not shares of the same shape.
        """
        whole = win + lose if win.shape == lose.shape and win.ndim == 2 and win.size else None
        if whole is None or not bool(((win >= 0) & (lose >= 0) & (whole <= 1 + NOISE)).all()):
            raise ValueError("win and lose must be shares of one shape, states by shapes")
        kind, first = self._kinds, self._cells
        self._kinds, self._cells = kind + 1, first + win.size
        self._make_room()
        known = self._templates
        known.win[first : self._cells], known.lose[first : self._cells] = win.flat, lose.flat
        known.first[kind], known.states[kind], known.shapes[kind] = first, *win.shape
        return kind

    def add_event(self, template: int) -> int:
        """Return the number of a new event, without prices."""
        if not 0 <= template < self._kinds:
            raise ValueError(f"there is no template {template}")
        if self._free.get(template):
            event = self._free[template].pop()
        else:
            event, self._used = self._used, self._used + 1
            first, self._rows = self._rows, self._rows + int(self._templates.shapes[template])
            self._fit()
            self._events.first[event] = first
        self._events.template[event] = template
        return event

    def remove_event(self, event: int) -> None:
        """Forget an event and give its number to a later one of the same template."""
        rows = self._rows_of(event)
        self._events.net[rows], self._events.limit[rows] = 0.0, -np.inf
        self._events.held[rows], self._events.value[event] = False, -np.inf
        self._free.setdefault(int(self._events.template[event]), []).append(event)
        self._events.template[event] = -1

    @property
    def value(self) -> Floats:
        """One figure an event: the value of its game while it is found.

        Where nothing is found, the figure is of the last solution. Minus infinity: no price was
        ever there. NaN: no solver could prove it.
        """
        return self._events.value[: self._used]

    @property
    def found(self) -> Ints:
        """The events with an arbitrage."""
        return np.flatnonzero(self.value > self._bar.cut)

    def update(self, events: Ints, shapes: Ints, net: Floats) -> Ints:
        """Write the best net odds of shapes (0: no price), and solve what they put in doubt.

        Args:
            events: Shape (updates,); the last of a repeated cell stands.
            shapes: Shape (updates,), which column of the event's template.
            net: Shape (updates,), winnings of one unit of cash at risk, after commission; at most a
                million.

        Returns:
            The events that were solved anew, ascending; no other verdict has changed.

        Raises:
            ValueError: A number is no net odds, or there is no such event or shape; nothing is
                written.
            Broken: No solver can prove an event's value, which is NaN then; all else is done.
        """
        self._check(events, shapes, net)
        due = doubted(self._events, events, shapes, net)
        if len(due):
            self.solver_calls += len(due)
            with np.errstate(divide="ignore", invalid="ignore"):
                failed = solved(self._templates, self._events, due, self._bar)
            self._rescue(failed.tolist())
        return due

    def bets(self, event: int) -> tuple[Ints, Bets]:
        """Return the event's shapes that have a price, and the bets that they are."""
        win, lose = self._shares(event)
        net = self._events.net[self._rows_of(event)]
        live = np.flatnonzero(net > 0.0)
        return live, Bets(win[:, live], lose[:, live], net[live])

    def limits(self, event: int) -> Floats:
        """Return the net odds of each shape up to which the event's value cannot rise."""
        return self._events.limit[self._rows_of(event)].copy()

    def verdict(self, event: int) -> Verdict:
        """Return the value with its proofs, solved anew; stakes are of the shapes with a price.

        Raises:
            ValueError: The event has no price, or there is no such event.
            Broken: No solver can prove it.
        """
        return solve(payoff(asking(self.bets(event)[1], self._bar.least)))

    def _rescue(self, failed: Sequence[int]) -> None:
        unproven: list[int] = []
        for event in failed:
            try:
                self._keep(event)
            except Broken:
                unproven.append(event)
        if unproven:
            raise Broken(f"no solver proves the value of events {unproven}")

    def _keep(self, event: int) -> None:
        live, bets = self.bets(event)
        rows, bar, known = self._rows_of(event), self._bar, self._events
        verdict = solve(payoff(asking(bets, bar.least)), solvers=self._others)
        level = max(verdict.upper, bar.cut)
        with np.errstate(divide="ignore", invalid="ignore"):
            known.limit[rows] = limits(*self._shares(event), verdict.measure, level, bar.least)
        known.value[event] = verdict.lower
        if verdict.upper > bar.cut:
            known.held[rows.start + live[verdict.stakes > 0.0]] = True

    def _check(self, events: Ints, shapes: Ints, net: Floats) -> None:
        if not len(events) == len(shapes) == len(net):
            raise ValueError("events, shapes and net odds must be as many")
        if not len(events):
            return
        if not (int(events.min()) >= 0 and int(events.max()) < self._used):
            raise ValueError("there is no such event")
        kinds = self._events.template[events]
        if int(kinds.min()) < 0:
            raise ValueError("the event was removed")
        if int(shapes.min()) < 0 or bool((shapes >= self._templates.shapes[kinds]).any()):
            raise ValueError("the event has no such shape")
        if not (float(net.min()) >= 0.0 and float(net.max()) <= MOST):
            raise ValueError(f"net odds must be numbers between 0 and {MOST:g}")

    def _rows_of(self, event: int) -> slice:
        if not 0 <= event < self._used or self._events.template[event] < 0:
            raise ValueError(f"there is no event {event}")
        first = int(self._events.first[event])
        return slice(first, first + int(self._templates.shapes[self._events.template[event]]))

    def _shares(self, event: int) -> tuple[Floats, Floats]:
        known, kind = self._templates, self._events.template[event]
        shape = (int(known.states[kind]), int(known.shapes[kind]))
        first = int(known.first[kind])
        part = slice(first, first + shape[0] * shape[1])
        return known.win[part].reshape(shape), known.lose[part].reshape(shape)

    def _make_room(self) -> None:
        old = self._templates
        if self._kinds > len(old.first):
            more = self._kinds
            self._templates = old = old._replace(
                first=np.pad(old.first, (0, more)),
                states=np.pad(old.states, (0, more)),
                shapes=np.pad(old.shapes, (0, more)),
            )
        if self._cells > len(old.win):
            more = self._cells
            self._templates = old._replace(
                win=np.pad(old.win, (0, more)), lose=np.pad(old.lose, (0, more))
            )

    def _fit(self) -> None:
        old = self._events
        if self._used > len(old.first):
            more = self._used
            self._events = old = old._replace(
                template=np.pad(old.template, (0, more), constant_values=-1),
                first=np.pad(old.first, (0, more)),
                value=np.pad(old.value, (0, more), constant_values=-np.inf),
                due=np.pad(old.due, (0, more)),
            )
        if self._rows > len(old.net):
            more = self._rows
            self._events = old._replace(
                net=np.pad(old.net, (0, more)),
                limit=np.pad(old.limit, (0, more), constant_values=-np.inf),
                held=np.pad(old.held, (0, more)),
            )
