"""Slates: the bets on an event that settle together, and whether their best prices cross."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.errors import Broken
from domain.markets import Side
from engine.bets import Bets, Floats
from engine.game import MOST
from engine.monitor import Monitor
from engine.quotes import Ints
from engine.settlement.kinds import StateKind
from engine.settlement.quoted import selection
from engine.settlement.selections import Selection, families
from engine.settlement.template import Template, template_for
from engine.tiers import guarantee
from services.held import HeldEvent, Offer
from services.holdings import Holdings

# What a return is asked of: of the cash that settles, since a whole line gives all of it back.
LEAST = 1e-5
_MOST_BETS = 120
_MOST_UNUSED = 100_000  # shares of forms that no slate has any more
_NO_ROW = -1


@dataclass(slots=True, eq=False)
class Form:
    """How bets are settled that one template stands for; `uses` counts the slates of that form.

    `win` and `lose` have shape (states, shapes): how each shape of bets is settled in every state
    that binds a guarantee. `number` is its place in the monitor.
    """

    win: Floats
    lose: Floats
    number: int
    uses: int = 0


@dataclass(slots=True, eq=False)
class Slate:
    """Bets on one event, in several markets or from both sides, that one set of states settles.

    `shape_of` says which shape of the form a bet is of. `rows` has the store's row of each bet, -1
    for one that is not offered now; `number` is its place in the monitor.
    """

    bets: tuple[Offer, ...]
    form: Form
    shape_of: Ints
    number: int
    rows: Ints

    @property
    def win(self) -> Floats:
        """Return what each shape wins in every state that binds."""
        return self.form.win

    @property
    def lose(self) -> Floats:
        """Return likewise what it loses."""
        return self.form.lose

    def net(self, best: Floats) -> Floats:
        """Return the best net odds of each shape; 0 where nobody offers it."""
        offered = np.where(self.rows == _NO_ROW, 1.0, best[self.rows])
        shapes = np.zeros(self.win.shape[1])
        np.maximum.at(shapes, self.shape_of, np.clip(offered - 1.0, 0.0, MOST))
        return shapes


@dataclass(slots=True)
class _Known:
    version: int
    bets: frozenset[Offer]
    slates: list[Slate]


class Slates:
    """Watches whether the best prices of each event guarantee a profit together; one writer.

    A slate is laid out once for all bets that were ever offered, as far as they are not too many,
    since lines come and go; after that a price costs a comparison (`engine.monitor`).
    `unsettled` counts bets that no question of the engine stands for; `unproven` the events whose
    value no solver could prove, which are taken for neither.
    """

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._known: dict[str, _Known] = {}
        self._monitor = Monitor(least=LEAST)
        self._forms: dict[Template, Form] = {}
        self._unused = 0
        self.unsettled = self.unproven = 0

    @property
    def forms(self) -> int:
        """How many forms are kept, those that no slate has any more among them."""
        return len(self._forms)

    def crossing(self, events: Collection[str]) -> list[Slate]:
        """Return the slates of some events whose best prices cross now."""
        if self._unused > _MOST_UNUSED:
            self._compact()
        slates = [slate for event_id in events for slate in self._of(event_id)]
        if not slates:
            return []
        self._price(slates)
        numbers = np.array([slate.number for slate in slates], np.int64)
        crossing = np.flatnonzero(np.isin(numbers, self._monitor.found))
        return [slates[int(place)] for place in crossing]

    def forget_gone(self) -> None:
        """Let go of events that are held no more."""
        for event_id in list(self._known):
            if self._holdings.held_event(event_id) is None:
                self._remove(event_id)

    def _of(self, event_id: str) -> Sequence[Slate]:
        held = self._holdings.held_event(event_id)
        if held is None:
            self._remove(event_id)
            return ()
        known = self._known.get(event_id)
        if known is None or known.version != held.version:
            known = self._known[event_id] = self._renewed(event_id, held)
        return known.slates

    def _renewed(self, event_id: str, held: HeldEvent) -> _Known:
        """Return the event's slates in step with what is offered, laid out anew if they must be."""
        known, rows = self._known.get(event_id), held.rows(self._holdings.store)
        if known is None or not rows.keys() <= known.bets:
            self._remove(event_id)
            bets = rows.keys() if known is None else known.bets | rows.keys()
            bets = frozenset(bets if len(bets) <= _MOST_BETS else rows)
            # In one order, so that events with the same markets share a template.
            laid_out = self._laid_out(sorted(bets, key=_order), held)
            known = _Known(0, bets, list(laid_out))
        for slate in known.slates:
            slate.rows = np.array([rows.get(bet, _NO_ROW) for bet in slate.bets], np.int64)
        known.version = held.version
        return known

    def _laid_out(self, bets: Sequence[Offer], held: HeldEvent) -> Iterator[Slate]:
        sport = held.event.sport
        known = [(bet, one) for bet in bets if (one := self._selection(bet, sport)) is not None]
        for family in families([one for _, one in known], sport):
            chosen = [known[place] for place in family]
            laid = any(side is Side.LAY for (_, _, side), _ in chosen)
            if not laid and len({market for (market, _, _), _ in chosen}) < 2:
                continue
            try:
                template = template_for(tuple(one for _, one in chosen), sport, rule_states=False)
            except ValueError:
                self.unsettled += len(chosen)
                continue
            yield self._slate(tuple(bet for bet, _ in chosen), template)

    def _selection(self, bet: Offer, sport: str) -> Selection | None:
        try:
            return selection(*bet, sport)
        except ValueError:
            self.unsettled += 1
            return None

    def _slate(self, bets: tuple[Offer, ...], template: Template) -> Slate:
        form = self._forms.get(template) or self._formed(template)
        self._unused -= 0 if form.uses else form.win.size
        form.uses += 1
        number = self._monitor.add_event(form.number)
        return Slate(bets, form, template.shape_of, number, np.empty(0, np.int64))

    def _formed(self, template: Template) -> Form:
        binding = template.kind != StateKind.RULE
        win, lose = template.win[binding], template.lose[binding]
        form = self._forms[template] = Form(win, lose, self._monitor.add_template(win, lose))
        self._unused += win.size
        return form

    def _price(self, slates: Sequence[Slate]) -> None:
        best = self._holdings.store.best
        net = [slate.net(best) for slate in slates]
        sizes = [len(shapes) for shapes in net]
        events = np.repeat(np.array([slate.number for slate in slates], np.int64), sizes)
        shapes = np.concatenate([np.arange(size) for size in sizes])
        try:
            self._monitor.update(events, shapes, np.concatenate(net))
        except Broken:
            self.unproven += 1

    def _remove(self, event_id: str) -> None:
        if (known := self._known.pop(event_id, None)) is not None:
            for slate in known.slates:
                self._monitor.remove_event(slate.number)
                slate.form.uses -= 1
                self._unused += 0 if slate.form.uses else slate.form.win.size

    def _compact(self) -> None:
        """Let go of the forms that no slate has any more; every price is written anew when due."""
        self._monitor, self._unused = Monitor(least=LEAST), 0
        self._forms = {template: form for template, form in self._forms.items() if form.uses}
        for form in self._forms.values():
            form.number = self._monitor.add_template(form.win, form.lose)
        for known in self._known.values():
            for slate in known.slates:
                slate.number = self._monitor.add_event(slate.form.number)


def load_solvers() -> None:
    """Compile and load what the first prices would wait for: seconds once, then one at a start."""
    monitor, win = Monitor(least=LEAST), np.eye(2)
    event = monitor.add_event(monitor.add_template(win, 1.0 - win))
    both, net = np.array([0, 1]), np.array([1.1, 1.1])
    monitor.update(np.full(2, event), both, net)
    guarantee(Bets(win, 1.0 - win, net))


def _order(bet: Offer) -> tuple[str | float, ...]:
    market, outcome, side = bet
    line = -np.inf if market.line is None else market.line
    parts = (market.kind, market.period, market.statistic, market.subject or "")
    return (*parts, line, market.ways, outcome, side)
