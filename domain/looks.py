"""What a shard saw of a book: the figures that add up, from which its standing is told."""

import msgspec


class BookLook(msgspec.Struct, frozen=True, kw_only=True):
    """One book as one source quotes it, on one shard's events.

    `sums` are those of `engine.looks.sums`. `ages_s` are the ages of its `prices`, or evenly spaced
    quantiles of them where there are many; it was heard on `events`, and is `silent` on so many.
    """

    source: str
    book: str
    sums: list[float]
    ages_s: list[float]
    prices: int
    events: int
    silent: int
