"""Questions in Valkey: detectors ask, and whoever follows the source has it asked again at once."""

from collections.abc import Mapping, Sequence

import msgspec

from domain.questions import Question
from store.cache import Cache
from store.valkey import answered

MOST_WAITING = 1_000
_TTL_S = 30
_MOST_BLOCK_MS = 3_000
_MOST_AT_ONCE = 100
_COUNTS_TTL_S = 30 * 86_400


async def ask(cache: Cache, questions: Sequence[Question]) -> None:
    """Ask; of more than a thousand that nobody has read the oldest are forgotten."""
    key = cache.key("questions")
    async with answered(), cache.commands.pipeline(transaction=False) as pipe:
        for question in questions:
            pipe.xadd(key, {"q": _JSON.encode(question)}, maxlen=MOST_WAITING, approximate=True)
        pipe.expire(key, _TTL_S)
        await pipe.execute()


async def latest(cache: Cache) -> str:
    """Return the id behind which only questions stand that are yet to be asked."""
    async with answered():
        found = await cache.commands.xrevrange(cache.key("questions"), count=1)
    return found[0][0].decode() if found else "0-0"


async def asked(cache: Cache, after: str, *, block_ms: int) -> tuple[str, list[Question]]:
    """Return the questions behind an id, and the last one's id; wait for one if there is none.

    What cannot be read is passed over.
    """
    wait_ms = max(1, min(block_ms, _MOST_BLOCK_MS))
    async with answered():
        found = await cache.commands.xread({cache.key("questions"): after}, _MOST_AT_ONCE, wait_ms)
    entries = [entry for _, of in found for entry in of]
    read = [_opened(fields.get(b"q", b"")) for _, fields in entries]
    last = entries[-1][0].decode() if entries else after
    return last, [question for question in read if question is not None]


async def count(cache: Cache, outcomes: Mapping[str, int]) -> None:
    """Add to how often each thing came of checking a candidate."""
    key = cache.key("checked")
    async with answered(), cache.commands.pipeline(transaction=True) as pipe:
        for outcome, many in outcomes.items():
            pipe.hincrby(key, outcome, many)
        pipe.expire(key, _COUNTS_TTL_S)
        await pipe.execute()


async def counts(cache: Cache) -> dict[str, int]:
    """Return how often each has come, since Valkey was empty."""
    async with answered():
        found = await cache.commands.hgetall(cache.key("checked"))
    return {outcome.decode(): int(many) for outcome, many in found.items()}


def _opened(data: bytes) -> Question | None:
    try:
        return _QUESTION.decode(data)
    except msgspec.MsgspecError:
        return None


_JSON = msgspec.json.Encoder()
_QUESTION = msgspec.json.Decoder(Question)
