"""Loops of the monitor: which events a batch of prices puts in doubt, and solving those anew."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.bets import Floats
from engine.simplex import Ints, mixtures, proven
from kit.jit import jit

Marks = NDArray[np.bool_]


class Templates(NamedTuple):
    """Win and lose shares of every template, flattened one after the other, states by shapes."""

    win: Floats
    lose: Floats
    first: Ints
    states: Ints
    shapes: Ints


class Events(NamedTuple):
    """Per event its template, first row, value and mark; per row (event, shape) what is kept.

    `net` is the best price in net odds, 0 if there is none; above `limit`, or changed while
    `held`, it puts the event in doubt.
    """

    template: Ints
    first: Ints
    value: Floats
    due: Marks
    net: Floats
    limit: Floats
    held: Marks


@jit
def doubted(known: Events, events: Ints, shapes: Ints, net: Floats) -> Ints:
    """Write prices and return the events that they put in doubt, each once, ascending."""
    due = np.empty(len(events), np.int64)
    found = 0
    for place in range(len(events)):
        event = events[place]
        row = known.first[event] + shapes[place]
        price = net[place]
        if price != known.net[row]:
            known.net[row] = price
            if (price > known.limit[row] or known.held[row]) and not known.due[event]:
                known.due[event] = True
                due[found] = event
                found += 1
    known.due[due[:found]] = False
    return np.sort(due[:found])


class Bar(NamedTuple):
    """What counts: `least` is asked of settled cash, and a value above `cut` then is found.

    Proofs further apart than `gap` are none.
    """

    least: float
    cut: float
    gap: float


@jit
def limits(win: Floats, lose: Floats, measure: Floats, level: float, least: float) -> Floats:
    """Return the net odds up to which each shape's expectation is at most `level`.

    The expectation is of the payoff less `least` a unit of settled cash.
    """
    wins, loses = np.zeros(len(win[0])), np.zeros(len(win[0]))
    for state in np.flatnonzero(measure):
        wins += measure[state] * win[state]
        loses += measure[state] * lose[state]
    return least + ((1.0 + least) * loses + level) / wins


@jit
def solved(templates: Templates, known: Events, due: Ints, bar: Bar) -> Ints:
    """Solve events anew and return those that the simplex could not prove."""
    failed = np.zeros(len(due), np.bool_)
    for place in range(len(due)):
        event = due[place]
        kind, start = known.template[event], known.first[event]
        height, width = templates.states[kind], templates.shapes[kind]
        begin = templates.first[kind]
        win = templates.win[begin : begin + height * width].reshape((height, width))
        lose = templates.lose[begin : begin + height * width].reshape((height, width))
        net = known.net[start : start + width]
        limit = known.limit[start : start + width]
        held = known.held[start : start + width]
        held[:] = False
        live = np.flatnonzero(net > 0.0)
        if len(live) == 0:
            known.value[event] = -np.inf
            limit[:] = -np.inf
            continue
        payoff = (net[live] - bar.least) * win[:, live] - (1.0 + bar.least) * lose[:, live]
        made, stakes, measure = mixtures(payoff)
        lower, upper = proven(payoff, stakes, measure)
        if made < 0 or not upper - lower <= bar.gap:
            failed[place] = True
            known.value[event] = np.nan
            limit[:] = -np.inf
            continue
        known.value[event] = lower
        limit[:] = limits(win, lose, measure, max(upper, bar.cut), bar.least)
        if upper > bar.cut:
            held[live[stakes > 0.0]] = True
    return due[failed]
