"""Web processes that live, as each tells of itself in Valkey."""

import msgspec

from domain.vitals import Process
from store.cache import Cache
from store.valkey import read

_TTL_S = 10


async def tell(cache: Cache, name: str, process: Process) -> None:
    """Tell that a web process lives; it is forgotten ten seconds later."""
    await cache.keep("web", name, _JSON.encode(process), _TTL_S)


async def alive(cache: Cache) -> dict[str, Process]:
    """Return every web process that lives."""
    return {name: read(_PROCESS, data) for name, data in (await cache.kept("web")).items()}


_JSON = msgspec.json.Encoder()
_PROCESS = msgspec.json.Decoder(Process)
