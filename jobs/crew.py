"""The crew: who does which of a worker's jobs by the clock."""

import asyncio
from functools import partial

from domain.clock_jobs import Job
from feeds.registry import FEEDS
from jobs.alerts import Alerts
from jobs.collecting import Collecting
from jobs.desk import Act, JobDesk
from jobs.equipment import Equipment
from jobs.known import Known
from jobs.lead import Leader
from jobs.post import Post, Server
from jobs.resealing import Resealing
from jobs.texts import Provider, Texts
from jobs.upkeep import Upkeep
from jobs.witness import Witness
from kit.memory import give_back
from store.anchors import anchor_file, anchor_keys


def upkeep_of(tools: Equipment, collecting: Collecting) -> Upkeep:
    """Return who tells and keeps how the sources of a worker are."""
    return Upkeep(
        database=tools.database,
        cache=tools.cache,
        clock=tools.clock,
        sources=collecting.names,
        healths=lambda: collecting.healths,
        retention_days=tools.given.retention_days,
        daily_retention_days=tools.given.daily_retention_days,
    )


def desk_of(tools: Equipment, known: Known, upkeep: Upkeep, leader: Leader) -> JobDesk:
    """Return the desk at which all jobs are begun, paused and noted."""
    return JobDesk(
        database=tools.database,
        cache=tools.cache,
        clock=tools.clock,
        worker=upkeep.worker,
        leads=leader.leads,
        acts={
            **_upkeep(upkeep),
            **_members(tools),
            **_witness(tools, upkeep.worker),
            Job.KNOW_OTHERS: known.look,
            Job.ALERT: _alerts(tools).alert,
            Job.GIVE_BACK: partial(asyncio.to_thread, give_back),
        },
    )


def _upkeep(upkeep: Upkeep) -> dict[Job, Act]:
    return {
        Job.TELL_HEALTH: upkeep.tell_health,
        Job.KEEP_HEALTH: upkeep.keep_health,
        Job.TELL_RELIABILITY: upkeep.tell_reliability,
        Job.SUMMARISE: upkeep.summarise,
        Job.PRUNE: upkeep.prune,
        Job.FORGET_MEMBERS: upkeep.forget_members,
    }


def _members(tools: Equipment) -> dict[Job, Act]:
    """Return what carries letters and texts to members."""
    database, clock, ring = tools.database, tools.clock, tools.ring
    post = Post(database=database, clock=clock, keys=ring, server=Server.of(tools.given))
    texts = Texts(database=database, clock=clock, keys=ring, provider=Provider.of(tools.given))
    return {Job.CARRY: post.carry, Job.CARRY_TEXTS: texts.carry_texts}


def _witness(tools: Equipment, worker: str) -> dict[Job, Act]:
    """Return what proves that the record is whole, and seals anew what an old key sealed."""
    witness = Witness(
        database=tools.database,
        clock=tools.clock,
        anchors=anchor_file(tools.given),
        keys=anchor_keys(tools.given),
        worker=worker,
    )
    resealing = Resealing(
        database=tools.database, keys=tools.ring, clock=tools.clock, worker=worker
    )
    return {Job.ANCHOR: witness.anchor, Job.CHECK: witness.check, Job.RESEAL: resealing.tend}


def _alerts(tools: Equipment) -> Alerts:
    return Alerts(
        database=tools.database,
        clock=tools.clock,
        healths=tools.cache.source_healths,
        manifests={name: feed.manifest for name, feed in FEEDS.items()},
        retention_days=tools.given.retention_days,
    )
