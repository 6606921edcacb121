"""The budget: what may be asked of a source when, so that its quota lasts its period."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from feeds.base import Quota

# What is urgent may be asked ahead of its time by this share of the period, and no more.
AHEAD = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What is left of a source's quota, and until when the last question has been paid for.

    Credits are spent evenly over what is left of the period: a question that costs c of the L left
    with T seconds to go pays for the next T * c / L seconds. Spending is thus never ahead of an
    even pace but by one question, or by `AHEAD` of the period for what is urgent.
    """

    quota: Quota
    left: float
    ends_at: datetime
    paid_until: datetime
    next_at: datetime

    @classmethod
    def opened(
        cls,
        quota: Quota,
        now: datetime,
        *,
        left: float | None = None,
        ends_at: datetime | None = None,
    ) -> Self:
        """Return a budget, as it was remembered if its period is not over."""
        lasting = ends_at is not None and ends_at > now
        whole = quota.credits if quota.credits is not None else 0.0
        return cls(
            quota=quota,
            left=left if left is not None and lasting else whole,
            ends_at=ends_at if ends_at and lasting else now + timedelta(seconds=quota.period_s),
            paid_until=now,
            next_at=now,
        )

    def at(self, now: datetime) -> "Budget":
        """Return the budget at an instant: a new one if its period is over."""
        over = self.quota.credits is not None and now >= self.ends_at
        return Budget.opened(self.quota, now) if over else self

    def wait_s(self, cost: float, now: datetime, urgency: float = 0.0) -> float:
        """Return how long to wait before asking a question; 0 if it may be asked now.

        Args:
            cost: In credits.
            now: The instant.
            urgency: From 0, which waits its turn, to 1, which may go ahead of it.
        """
        budget = self.at(now)
        spaced_s = (budget.next_at - now).total_seconds()
        if budget.quota.credits is None:
            return max(0.0, spaced_s)
        if cost > budget.left:
            return max(spaced_s, (budget.ends_at - now).total_seconds())
        ahead_s = AHEAD * budget.quota.period_s * min(1.0, max(0.0, urgency))
        paced_s = (budget.paid_until - now).total_seconds() - ahead_s if cost else 0.0
        return max(0.0, spaced_s, paced_s)

    def spent(self, cost: float, now: datetime, told_left: float | None = None) -> "Budget":
        """Return the budget after a question; what the source says is left is believed.

        More left than we know of means that a new period has begun.
        """
        budget = self.at(now)
        gap_s = 1.0 / budget.quota.per_s if budget.quota.per_s else 0.0
        spaced = replace(budget, next_at=max(now, budget.next_at) + timedelta(seconds=gap_s))
        if budget.quota.credits is None:
            return spaced
        if told_left is not None and told_left > budget.left:
            ends_at = now + timedelta(seconds=budget.quota.period_s)
            spaced = replace(spaced, left=told_left + cost, ends_at=ends_at, paid_until=now)
        share = cost / spaced.left if spaced.left > 0 else 1.0
        pays = (spaced.ends_at - now) * min(1.0, share)
        return replace(
            spaced,
            left=max(0.0, spaced.left - cost) if told_left is None else told_left,
            paid_until=max(now, spaced.paid_until) + pays,
        )
