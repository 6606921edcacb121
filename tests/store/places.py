"""Where consumers stand, for tests."""

from store import positions


async def placed(db, consumer, stream, to):
    """Bring a consumer to an entry of a stream, as its holder of now."""
    return await positions.move(db, await positions.take(db, consumer, stream, "me"), to)
