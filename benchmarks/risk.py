"""Risk: how often the rules would bother honest members, on an invented population.

Nobody has labelled a real arrival, so these are no rates of real members: each is what follows from
the habits written beside it, and says which habits the rules are unfair to. See
`docs/security/risk.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from kit.settings import Settings
from services.devices import MOST, REMEMBERED
from services.places import apart_km
from services.risk import bars
from services.risk_rules import Met, Now, Verdict, reasons, score, verdict

MEMBERS, DAYS, SEED = 200, 365, 20_30
ABROAD = ("FR", "PT", "GB", "US", "JP", "BR", "AU")
HOME = "ES"
_BEGIN = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Habits:
    """How members of one kind sign in; shares are of sign-ins unless it says otherwise.

    `a_week` sign-ins, from `devices` devices, `mobile` of them from one of `pool` mobile networks
    and the rest from home; `cleared`: without the cookie; `updated`: from another language or
    browser with the old cookie; `trips` journeys abroad a year of `stay_d` days, each in a hotel
    with one network; `exits`: countries of a VPN, which half of the sign-ins go through, with 20
    networks each; `typos`: chance that one more attempt fails before; `neighbours`: accounts that
    are tried from the same address within an hour.
    """

    a_week: float = 5.0
    devices: int = 2
    mobile: float = 0.4
    pool: int = 6
    cleared: float = 0.01
    updated: float = 0.002
    trips: float = 0.0
    stay_d: float = 7.0
    exits: int = 0
    typos: float = 0.1
    neighbours: int = 1


SETTLED = Habits()
POPULATIONS: Mapping[str, Habits] = {
    "settled": SETTLED,
    "seldom": replace(SETTLED, a_week=0.1),
    "clears_cookies": replace(SETTLED, cleared=1.0),
    "roams_networks": replace(SETTLED, mobile=0.9, pool=400),
    "travels": replace(SETTLED, trips=6.0),
    "travels_and_clears": replace(SETTLED, trips=6.0, cleared=0.3),
    "vpn": replace(SETTLED, exits=5),
    "bad_typist": replace(SETTLED, typos=0.5),
    "office": replace(SETTLED, neighbours=40),
}


@dataclass
class Member:
    """One member's life: what the product would know of them by now."""

    number: int
    habits: Habits
    dice: np.random.Generator
    known: dict[str, Met] = field(default_factory=dict)
    fresh: int = 0

    def arrivals(self) -> list[Now]:
        """Return a year of sign-ins, in order."""
        habits, dice = self.habits, self.dice
        count = dice.poisson(habits.a_week * DAYS / 7)
        days = np.sort(dice.uniform(0, DAYS, count))
        trips = [
            (begins, begins + habits.stay_d, str(dice.choice(ABROAD)))
            for begins in np.sort(dice.uniform(0, DAYS, dice.poisson(habits.trips)))
        ]
        return [self._arrival(float(day), trips) for day in days]

    def _arrival(self, day: float, trips: list[tuple[float, float, str]]) -> Now:
        habits, dice, me = self.habits, self.dice, self.number
        place = next((land for a, b, land in trips if a <= day <= b), HOME)
        # Nobody signs in on the way: what is met while a flight would last is met from home.
        begun = next((a for a, b, _ in trips if a <= day <= b), 0.0)
        if place != HOME and (day - begun) * 24 < apart_km(HOME, place) / 800:
            place = HOME
        network = f"home {me}" if place == HOME else f"hotel {me} {begun}"
        if place == HOME and dice.random() < habits.mobile:
            network = f"mobile {dice.integers(habits.pool)}"
        if habits.exits and dice.random() < 0.5:
            place = ABROAD[int(dice.integers(habits.exits))]
            network = f"exit {place} {dice.integers(20)}"
        device = f"device {dice.integers(habits.devices)}"
        if dice.random() < habits.cleared:
            self.fresh += 1
            device = f"cleared {self.fresh}"
        failures = int(dice.geometric(1 - habits.typos)) - 1 if habits.typos else 0
        hints = "changed" if dice.random() < habits.updated else device
        return Now(
            at=_BEGIN + timedelta(days=day),
            secret_hash=device,
            hints=hints,
            network=network,
            country=place,
            accounts=habits.neighbours,
            failures=failures,
        )

    def learn(self, now: Now) -> None:
        """Keep what the product keeps of a sign-in."""
        before = self.known.get(now.secret_hash)
        networks = (now.network, *(before.networks if before else ()))
        countries = (now.country, *(before.countries if before else ()))
        self.known[now.secret_hash] = Met(
            now.secret_hash,
            now.hints,
            tuple(dict.fromkeys(networks))[:REMEMBERED],
            tuple(dict.fromkeys(countries))[:REMEMBERED],
            now.at,
        )
        while len(self.known) > MOST:
            self.known.pop(min(self.known, key=lambda each: self.known[each].at))


def run() -> Mapping[str, float]:
    """Return, by population, the shares of honest sign-ins that are bothered.

    `risk_..._step_up`: asked for more, `risk_..._block`: not let in, `risk_..._letters_a_year`:
    e-mails about a new device that a member gets.
    """
    return {
        f"risk_{name}_{what}": share
        for name, habits in POPULATIONS.items()
        for what, share in measured(habits).items()
    }


def measured(habits: Habits, *, members: int = MEMBERS) -> Mapping[str, float]:
    """Return the shares for members of the same habits."""
    given, found = bars(Settings()), dict.fromkeys(Verdict, 0)
    letters = 0
    for number in range(members):
        member = Member(number, habits, np.random.default_rng((SEED, number)))
        for now in member.arrivals():
            came = verdict(score(reasons(list(member.known.values()), now)), given)
            found[came] += 1
            if came is not Verdict.BLOCK:
                letters += bool(member.known) and now.secret_hash not in member.known
                member.learn(now)
    total = max(1, sum(found.values()))
    return {
        "step_up": found[Verdict.STEP_UP] / total,
        "block": found[Verdict.BLOCK] / total,
        "letters_a_year": letters / members * 365 / DAYS,
    }
