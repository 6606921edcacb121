"""Jobs as their page shows them: turned into text, and nothing decided."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from arb_app import format as as_text
from arb_app.state.sources import since
from arb_app.words import say
from domain.clock_jobs import Outcome, Pause, Plan, Run
from services.jobs_admin import Overview, Seen

TONES: Final = {Outcome.DONE: "good", Outcome.PUT_OFF: "warn", Outcome.FAILED: "bad"}


@dataclass(frozen=True)
class JobLine:
    """One job; `held` says who paused it, `cost` what a pause costs."""

    name: str = ""
    title: str = ""
    text: str = ""
    plan: str = ""
    last: str = ""
    outcome: str = ""
    tone: str = "plain"
    next: str = ""
    held: str = ""
    paused: bool = False
    cost: str = ""


@dataclass(frozen=True)
class RunLine:
    """One run; `at` is ISO 8601."""

    title: str = ""
    at: str = ""
    took: str = ""
    outcome: str = ""
    tone: str = "plain"
    code: str = ""
    worker: str = ""
    by: str = ""


def job_line(of: Seen, now: datetime) -> JobLine:
    """Return a job as it is now."""
    last, name = of.last, of.job.value
    return JobLine(
        name=name,
        title=say(f"jobs.{name}"),
        text=say(f"jobs.{name}.text"),
        plan=_plan(of.plan),
        last=_last(last, now),
        outcome=_outcome(of),
        tone="accent" if of.running else TONES[last.outcome] if last else "plain",
        next=_next(of, now),
        held=_held(of.pause),
        paused=of.pause is not None,
        cost=say(f"jobs.{name}.cost"),
    )


def run_line(of: Run) -> RunLine:
    """Return one run of the history."""
    return RunLine(
        title=say(f"jobs.{of.job}"),
        at=of.started_at.isoformat(),
        took=_took(of.took_s),
        outcome=say(f"jobs.outcome.{of.outcome}"),
        tone=TONES[of.outcome],
        code=of.code,
        worker=of.worker,
        by=as_text.actor(of.by) if of.by else say("jobs.by.clock"),
    )


def workers_told(of: Overview) -> str:
    """Return how many workers tell of their jobs, and which of them leads."""
    if of.desks is None:
        return say("jobs.workers.unknown")
    if not of.desks:
        return say("jobs.workers.none")
    led = say("jobs.leader", name=of.leader) if of.leader else say("jobs.leader.none")
    return f"{say('jobs.workers', count=len(of.desks))} {led}"


def _plan(of: Plan) -> str:
    by = say("jobs.plan.led" if of.led else "jobs.plan.each")
    if of.every is None:
        return f"{say('jobs.plan.nightly')} {by}"
    return f"{say('jobs.plan.every', every=_every(of.every))} {by}"


def _every(of: timedelta) -> str:
    return as_text.age(of.total_seconds())


def _took(seconds: float) -> str:
    if seconds >= 1.0:
        return as_text.number(f"{seconds:.1f} s")
    return as_text.number(f"{seconds * 1e3:.0f} ms")


def _last(run: Run | None, now: datetime) -> str:
    if run is None:
        return say("status.never")
    return say("jobs.last.took", ago=since(run.started_at, now), took=_took(run.took_s))


def _outcome(of: Seen) -> str:
    if of.running:
        return say("jobs.running")
    if of.last is None:
        return say("jobs.outcome.none")
    code = f" ({of.last.code})" if of.last.code else ""
    return say(f"jobs.outcome.{of.last.outcome}") + code


def _next(of: Seen, now: datetime) -> str:
    if of.pause is not None:
        return say("jobs.next.paused")
    if of.next_at is None:
        return say("jobs.next.unknown")
    wait = (of.next_at - now).total_seconds()
    return say("jobs.next.in", wait=as_text.age(max(0.0, wait)))


def _held(of: Pause | None) -> str:
    if of is None:
        return ""
    told = say("jobs.paused.by", who=as_text.actor(of.by), at=as_text.instant(of.at))
    return f"{told} {of.why}".strip()
