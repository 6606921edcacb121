"""The control room in Valkey: what happened to each source, trials, and workers' credentials."""

import msgspec

from domain.control import CredentialReport, Happening, Trial, TrialAsked
from store.cache import Cache
from store.valkey import answered, read

MOST_HAPPENINGS = 50
_LOG_TTL_S = 30 * 86_400
_REPORT_TTL_S = 30
_ASKED_TTL_S = 30
_TRIAL_TTL_S = 24 * 3600


async def note(cache: Cache, source: str, happenings: list[Happening]) -> None:
    """Add to the log of a source, which keeps the last fifty lines."""
    key = cache.key("log", source)
    lines = [_JSON.encode(happening) for happening in happenings]
    async with answered(), cache.commands.pipeline(transaction=True) as pipe:
        pipe.lpush(key, *lines)
        pipe.ltrim(key, 0, MOST_HAPPENINGS - 1)
        pipe.expire(key, _LOG_TTL_S)
        await pipe.execute()


async def happenings(cache: Cache, source: str) -> list[Happening]:
    """Return the log of a source, the latest line first."""
    async with answered():
        lines = await cache.commands.lrange(cache.key("log", source), 0, MOST_HAPPENINGS - 1)
    return [read(_HAPPENING, line) for line in lines]


async def report(cache: Cache, worker: str, told: CredentialReport) -> None:
    """Tell what a worker has of credentials; it is forgotten half a minute later."""
    await cache.keep("credentials", worker, _JSON.encode(told), _REPORT_TTL_S)


async def reports(cache: Cache) -> list[CredentialReport]:
    """Return what each living worker has of credentials."""
    return [read(_REPORT, data) for data in (await cache.kept("credentials")).values()]


async def ask_trial(cache: Cache, asked: TrialAsked) -> None:
    """Ask for one question to a source; a worker that follows it takes it within half a minute."""
    async with answered():
        await cache.commands.set(
            cache.key("trial", "asked", asked.source), _JSON.encode(asked), ex=_ASKED_TTL_S
        )


async def take_trials(cache: Cache, sources: list[str]) -> list[TrialAsked]:
    """Return the questions asked for to some sources; each is given to one caller only."""
    if not sources:
        return []
    async with answered(), cache.commands.pipeline(transaction=False) as pipe:
        for source in sources:
            pipe.getdel(cache.key("trial", "asked", source))
        found = await pipe.execute()
    return [read(_ASKED, data) for data in found if data is not None]


async def put_trial(cache: Cache, trial: Trial) -> None:
    """Tell what came of a question; it is kept for a day."""
    key = cache.key("trial", "done", trial.asked.source)
    async with answered():
        await cache.commands.set(key, _JSON.encode(trial), ex=_TRIAL_TTL_S)


async def trial(cache: Cache, source: str) -> Trial | None:
    """Return the last question to a source that was asked for, once it is answered."""
    async with answered():
        data = await cache.commands.get(cache.key("trial", "done", source))
    return None if data is None else read(_TRIAL, data)


_JSON = msgspec.json.Encoder()
_HAPPENING = msgspec.json.Decoder(Happening)
_REPORT = msgspec.json.Decoder(CredentialReport)
_ASKED = msgspec.json.Decoder(TrialAsked)
_TRIAL = msgspec.json.Decoder(Trial)
