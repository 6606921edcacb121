"""How odd an arrival looks: what the second step of signing in is asked for.

The rules and their weights stand in `services.risk_rules`.
"""

from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from domain.letters import LetterKind
from kit.ids import stable
from kit.settings import Settings, settings
from services import devices, risk_rules
from services.access import Permission
from services.devices import Arrival
from services.places import called, network, place_of
from services.risk_rules import COUNTED_S, Bars, Met, Now, Verdict
from services.work import Work
from store import accounts, velocity
from store import devices as stored
from store.tables import AccountRow, DeviceRow, RiskEventRow
from store.throttle import Allowance

__all__ = ["NOTHING_ODD", "Arrival", "Judged", "Verdict", "begun", "of_sign_in", "refused"]


@dataclass(frozen=True, slots=True)
class Judged:
    """The sum of what was odd, from 0 to 1, and the names of it."""

    verdict: Verdict
    score: float = 0.0
    reasons: tuple[str, ...] = ()


NOTHING_ODD: Final = Judged(Verdict.ALLOW)


async def of_sign_in(work: Work, account: AccountRow, arrival: Arrival) -> Judged:
    """Return how odd it is that the account's member arrives so, whose password was right.

    What was odd is kept, and who was blocked is written to: once an hour, since a letter an attempt
    would be an attack of its own. The rest of the transaction acts as the member.

    Raises:
        Unavailable: What came together lately cannot be counted.
    """
    work.subject.require(Permission.SIGN_IN)
    await accounts.act_as(work.db, account.id)
    known = [_met(row) for row in await stored.of_member(work.db, account.id)]
    now = await _now(work, account, arrival)
    found = risk_rules.reasons(known, now)
    if not found:
        return NOTHING_ODD
    score = risk_rules.score(found)
    judged = Judged(risk_rules.verdict(score, bars(settings())), score, found)
    await _keep(work, account, arrival, judged, now.country)
    if judged.verdict is Verdict.BLOCK:
        hourly = Allowance(stable("blocked letter", account.id), burst=1, every_s=3600.0)
        if not await work.cache.spend([hourly], now=now.at):
            await devices.tell(work, LetterKind.BLOCKED, account, arrival, now.country)
    return judged


async def refused(work: Work, email: str, address: str) -> None:
    """Count an attempt in vain: against the account of that name, and of the place it came from.

    Raises:
        Unavailable: It cannot be counted.
    """
    work.subject.require(Permission.SIGN_IN)
    await velocity.counted(work.cache, _failures(email), lasts_s=COUNTED_S)
    await _accounts_from(work, email, address)


async def begun(work: Work, account: AccountRow) -> None:
    """Count attempts in vain anew, since the member is in."""
    work.subject.require(Permission.SIGN_IN)
    await velocity.forget(work.cache, _failures(account.email))


def bars(given: Settings) -> Bars:
    """Return the operator's thresholds."""
    return Bars(given.risk_step_up, given.risk_block)


async def _now(work: Work, account: AccountRow, arrival: Arrival) -> Now:
    return Now(
        at=work.clock.now(),
        secret_hash=devices.hash_of(account.id, arrival.device),
        hints=devices.hints_hash(account.id, arrival),
        network=network(arrival.address),
        country=await devices.country_of(arrival.address),
        accounts=await _accounts_from(work, account.email, arrival.address),
        failures=await velocity.count(work.cache, _failures(account.email)),
    )


async def _accounts_from(work: Work, email: str, address: str) -> int:
    place = stable("accounts from", place_of(address))
    name = stable("account", email)
    return await velocity.joined(work.cache, place, name, lasts_s=COUNTED_S)


async def _keep(
    work: Work, account: AccountRow, arrival: Arrival, judged: Judged, country: str
) -> None:
    event = RiskEventRow(
        id=uuid4(),
        user_id=account.id,
        at=work.clock.now(),
        score=judged.score,
        reasons=list(judged.reasons),
        verdict=judged.verdict,
        network=network(arrival.address),
        country=country,
        agent=called(arrival.agent),
    )
    await stored.add_event(work.db, event)


def _failures(email: str) -> str:
    return stable("failures of", email)


def _met(row: DeviceRow) -> Met:
    return Met(
        secret_hash=row.secret_hash,
        hints=row.hints_hash,
        networks=tuple(row.networks),
        countries=tuple(row.countries),
        at=row.last_seen_at,
    )
