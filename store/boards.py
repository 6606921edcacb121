"""One board out of its shards' parts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from domain.board import BoardPatch, BoardRow, BoardSnapshot, Feeding, Refusals
from domain.opportunities import Kind
from kit.ids import stable

MOST_REFUSALS = 100


def whole(parts: Sequence[BoardSnapshot]) -> BoardSnapshot | None:
    """Return the board that these make together, None of none; as old as the oldest of them."""
    if len(parts) <= 1:
        return parts[0] if parts else None
    return BoardSnapshot(
        epoch=stable("board", *(part.epoch for part in parts)),
        seq=sum(part.seq for part in parts),
        published_at=min(part.published_at for part in parts),
        rows=ranked(row for part in parts for row in part.rows),
        refused_total=sum(part.refused_total for part in parts),
        refused_by=added(part.refused_by for part in parts),
        feeding=united(part.feeding for part in parts),
    )


def near_misses(parts: Sequence[Refusals]) -> Refusals | None:
    """Return all near misses together, None of none: the most profitable hundred are shown."""
    if len(parts) <= 1:
        return parts[0] if parts else None
    rows = [row for part in parts for row in part.rows]
    rows.sort(key=lambda row: (-row.opportunity.roi, row.opportunity.key))
    return Refusals(
        published_at=max(part.published_at for part in parts),
        total=sum(part.total for part in parts),
        by_code=added(part.by_code for part in parts),
        rows=rows[:MOST_REFUSALS],
    )


def ranked(rows: Iterable[BoardRow]) -> list[BoardRow]:
    """Return rows as the board shows them: arbitrage first, the most profitable before others."""
    return sorted(rows, key=place)


def place(row: BoardRow) -> tuple[bool, float, str]:
    """Return what orders the rows of a board."""
    found = row.opportunity
    return found.kind is not Kind.ARBITRAGE, -found.roi, row.id


def added(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    """Return the sums by name, the highest first."""
    total = Counter[str]()
    for each in counts:
        total.update(each)
    return dict(total.most_common())


def united(feedings: Iterable[list[Feeding]]) -> list[Feeding]:
    """Return each stream once, by name."""
    by_source = {feeding.source: feeding for each in feedings for feeding in each}
    return [by_source[source] for source in sorted(by_source)]


def difference(held: Mapping[str, BoardRow], now: BoardSnapshot) -> BoardPatch:
    """Return the patch that leads from rows by id to a later version of their board."""
    present = {row.id for row in now.rows}
    return BoardPatch(
        epoch=now.epoch,
        seq=now.seq,
        published_at=now.published_at,
        rows=[row for row in now.rows if held.get(row.id) != row],
        gone=[life for life in held if life not in present],
        refused_total=now.refused_total,
        refused_by=now.refused_by,
        feeding=now.feeding,
    )
