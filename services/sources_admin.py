"""What admins may do to sources: give credentials, switch, try. No credential is given back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from domain.control import (
    CredentialReport,
    Given,
    Happened,
    Happening,
    StoredPart,
    Switch,
    Trial,
    TrialAsked,
)
from domain.errors import NotFound, Refused, Unavailable
from domain.sources import SourceHealth
from feeds.base import Manifest
from feeds.registry import FEEDS
from kit.ids import fresh
from services import status
from services.access import Permission
from services.work import Work
from store import audit, control_room, credentials
from store import switches as stored

MOST_SECRET = 4096
MOST_WHY = 200
_FIT_FOR_A_HEADER = re.compile(r"[\x20-\x7e]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a source's credential: where it comes from, since when and by whom."""

    name: str
    given: Given
    set_at: datetime | None = None
    set_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    """A source that can be asked, as admins see it; `health` is None if it was never followed.

    `rotates`: its vendor documents a way to have a new key at any time.
    """

    name: str
    title: str
    parts: Sequence[Part] = ()
    rotates: bool = False
    switch: Switch | None = None
    health: SourceHealth | None = None

    @property
    def enabled(self) -> bool:
        """Whether no admin has switched it off."""
        return self.switch is None or self.switch.enabled


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Every source that can be asked, and the variables of the environment that nothing reads."""

    sources: Sequence[Managed]
    misspelt: Sequence[str]


async def overview(work: Work) -> Overview:
    """Return all sources by name; what no worker tells just now is left out.

    Raises:
        NotAllowed: The subject does not manage sources.
        Unavailable: PostgreSQL cannot be asked.
    """
    work.subject.require(Permission.MANAGE_SOURCES)
    healths = {health.name: health for health in await status.sources(work)}
    kept = {(one.source, one.part): one for one in await credentials.listed(work.db)}
    decided = await stored.switches(work.db)
    try:
        reports = await control_room.reports(work.cache)
    except Unavailable:
        reports = []
    managed = [
        Managed(
            name=name,
            title=manifest.title,
            parts=_parts(manifest, kept, reports),
            rotates=manifest.rotates,
            switch=decided.get(name),
            health=healths.get(name),
        )
        for name, manifest in sorted(_askable().items())
    ]
    misspelt = {name for report in reports for name in report.misspelt}
    return Overview(sources=managed, misspelt=sorted(misspelt))


async def set_credential(work: Work, source: str, part: str, text: SecretStr) -> None:
    """Seal a part of a source's credential; the worker uses it from its next question on.

    Raises:
        NotAllowed: The subject does not manage sources.
        Refused: There is no such part, the text cannot be one, or there is no master key.
    """
    work.subject.require(Permission.MANAGE_SOURCES)
    _known_part(source, part)
    value = text.get_secret_value().strip()
    if not value:
        raise Refused("type the credential first: it is empty")
    if len(value) > MOST_SECRET or not _FIT_FOR_A_HEADER.fullmatch(value):
        raise Refused("that is no credential: it is too long or holds characters that no key has")
    now, actor = work.clock.now(), work.subject.actor
    await credentials.put(work.db, work.keys, source, part, value, actor=actor, at=now)
    details = {"part": part, "key_id": work.keys.current}
    await _done(work, source, Happened.CREDENTIAL_SET, part, details)


async def clear_credential(work: Work, source: str, part: str) -> None:
    """Forget a part of a source's credential; what the environment gives counts again.

    Raises:
        NotAllowed: The subject does not manage sources.
        NotFound: The store holds no such part.
    """
    work.subject.require(Permission.MANAGE_SOURCES)
    _known_part(source, part)
    if not await credentials.clear(work.db, source, part):
        raise NotFound(f"no {part} of {source} is stored")
    await _done(work, source, Happened.CREDENTIAL_CLEARED, part, {"part": part})


async def switch(work: Work, source: str, *, on: bool, why: str = "") -> None:
    """Let a source be asked, or not; the worker obeys within about a second.

    Raises:
        NotAllowed: The subject does not manage sources.
        NotFound: There is no such source.
        Refused: The reason is too long.
    """
    work.subject.require(Permission.MANAGE_SOURCES)
    _known(source)
    if len(why := why.strip()) > MOST_WHY:
        raise Refused(f"give the reason in at most {MOST_WHY} characters")
    decided = Switch(source=source, enabled=on, at=work.clock.now(), by=work.subject.actor, why=why)
    await stored.save_switch(work.db, decided)
    what = Happened.SWITCHED_ON if on else Happened.SWITCHED_OFF
    await _done(work, source, what, why, {"why": why})


async def try_now(work: Work, source: str) -> str:
    """Have a worker ask a source one question now; return the id that its answer will bear.

    Raises:
        NotAllowed: The subject does not manage sources.
        NotFound: There is no such source.
        Unavailable: PostgreSQL or Valkey cannot be asked.
    """
    work.subject.require(Permission.MANAGE_SOURCES)
    _known(source)
    asked = TrialAsked(id=fresh(), source=source, by=work.subject.actor, at=work.clock.now())
    await audit.record(
        work.db, actor=asked.by, action="try", subject=f"source {source}", details={}
    )
    await control_room.ask_trial(work.cache, asked)
    return asked.id


async def trial(work: Work, source: str) -> Trial | None:
    """Return what came of the last question that an admin had a source asked, within a day."""
    work.subject.require(Permission.MANAGE_SOURCES)
    _known(source)
    return await control_room.trial(work.cache, source)


async def happenings(work: Work, source: str) -> list[Happening]:
    """Return the log of a source, the latest line first."""
    work.subject.require(Permission.MANAGE_SOURCES)
    _known(source)
    return await control_room.happenings(work.cache, source)


async def _done(
    work: Work, source: str, what: Happened, text: str, details: Mapping[str, str]
) -> None:
    """Put what was done on record, and into the source's log if Valkey takes it."""
    actor = work.subject.actor
    await audit.record(
        work.db, actor=actor, action=what, subject=f"source {source}", details=dict(details)
    )
    line = Happening(at=work.clock.now(), what=what, text=text, by=actor)
    try:
        await control_room.note(work.cache, source, [line])
    except Unavailable:
        return


def _askable() -> dict[str, Manifest]:
    return {name: feed.manifest for name, feed in FEEDS.items() if feed.manifest.hosts}


def _known(source: str) -> Manifest:
    if source not in (askable := _askable()):
        raise NotFound("there is no such source")
    return askable[source]


def _known_part(source: str, part: str) -> None:
    manifest = _known(source)
    if not manifest.needs_credential or part not in manifest.credential_parts:
        raise NotFound(f"the credential of {source} has no such part")


def _parts(
    manifest: Manifest,
    kept: Mapping[tuple[str, str], StoredPart],
    reports: Sequence[CredentialReport],
) -> list[Part]:
    if not manifest.needs_credential:
        return []
    return [
        _part(manifest.name, part, kept.get((manifest.name, part)), reports)
        for part in manifest.credential_parts
    ]


def _part(
    source: str, name: str, kept: StoredPart | None, reports: Sequence[CredentialReport]
) -> Part:
    if kept is not None:
        shut = any(name in report.unreadable.get(source, ()) for report in reports)
        given = Given.UNREADABLE if shut else Given.STORE
        return Part(name=name, given=given, set_at=kept.set_at, set_by=kept.set_by)
    around = any(name in report.environment.get(source, ()) for report in reports)
    return Part(name=name, given=Given.ENVIRONMENT if around else Given.NOWHERE)
