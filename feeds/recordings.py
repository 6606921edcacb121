"""Recorded answers: any file of a known source, as a stream of payloads or of readings."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

import msgspec

from domain.errors import FeedDrifted, Refused
from domain.quotes import Origin, Reading
from feeds import files
from feeds.base import UNDATED, Payload, Request, Tally
from feeds.reasons import Reason
from feeds.registry import FEEDS, build

# What only one vendor's answers hold; those that look like another's come before it.
_VENDORS = {
    "prop_line": re.compile(rb'"last_change_at"\s*:'),
    "sports_game_odds": re.compile(rb'"betTypeID"\s*:'),
    "ps3838": re.compile(rb'"sportId"\s*:\s*\d+\s*,\s*"last"\s*:'),
    "pinnacle_guest": re.compile(rb'"matchupId"\s*:'),
    "betsapi": re.compile(rb'^\s*\{\s*"success"\s*:\s*1\s*,'),
    "api_football": re.compile(rb'"get"\s*:\s*"(odds|fixtures)'),
    "sportmonks": re.compile(rb'"dp3"\s*:'),
    "optic_odds_stream": re.compile(rb'"type"\s*:\s*"(locked-)?odds"'),
    "optic_odds": re.compile(rb'"normalized_selection"\s*:'),
    "sharp_api": re.compile(rb'"selection_type"\s*:'),
    "betradar_uof": re.compile(
        rb"<(odds_change|bet_(stop|settlement|cancel)|rollback_bet_\w+|fixtures_fixture)\b"
    ),
    "sportradar_odds": re.compile(rb'"sr:market:'),
    "the_rundown_stream": re.compile(rb'"type"\s*:\s*"market_price"'),
    "the_rundown": re.compile(rb'"market_id"\s*:\s*\d+[^\]]{0,300}"participants"\s*:\s*\[\s*\{'),
    "odds_api_io": re.compile(rb'"bookmakers"\s*:\s*\{'),
    "kambi": re.compile(rb'"betOffers"\s*:'),
    "sbtech": re.compile(rb'"trueOdds"\s*:'),
    "altenar": re.compile(rb'"MarketTypeId"\s*:'),
    "oddsjam": re.compile(rb'"sports_book"\s*:'),
    "oddsportal": re.compile(rb'"match_link"\s*:\s*"https://www\.oddsportal\.com/'),
    "balldontlie": re.compile(rb'"game_id"\s*:(?=[\s\S]*"(moneyline_home_odds|prop_type)"\s*:)'),
    "bet90": re.compile(rb'data-type=\\"betsTable\\"'),
    "betcenter": re.compile(rb'"tips"\s*:\s*\['),
    "meridian": re.compile(rb"\[\[Rival1\]\]"),
    "eurobet": re.compile(rb'"dataGroupList"\s*:'),
}
_EXCHANGES = {
    "azuro": re.compile(rb'"(conditionId|gameId)"\s*:(?=[\s\S]*"(outcomeId|participants)"\s*:)'),
    "betdaq": re.compile(rb"GlobalBettingExchange\.com/ExternalAPI"),
    "betfair_stream": re.compile(rb'"op"\s*:\s*"(mcm|status|connection)"'),
    "betfair": re.compile(rb'"marketId"\s*:\s*"\d+\.\d+"(?=[\s\S]*"runners"\s*:)'),
    "cloudbet": re.compile(rb'"submarkets"\s*:'),
    "matchbook": re.compile(rb'"(market-type|in-running-flag)"\s*:'),
    "polymarket": re.compile(rb'"outcomePrices"\s*:|"asset_id"\s*:(?=[\s\S]*"asks"\s*:)'),
    "smarkets": re.compile(rb'"market_type"\s*:\s*\{|"contract_type"\s*:|"full_slug"\s*:'),
    "sx_bet": re.compile(rb'"marketHash"\s*:'),
}
_SIGNS = {
    **_VENDORS,
    "football_data": re.compile(rb"^\W{0,4}Div,Date,"),
    "odds_api_rows": re.compile(rb"^\W{0,4}event_id,[\w,]*\boutcome_name,price\b"),
    "odds_api_wide": re.compile(rb"^\W{0,4}date,sport,game_id,[\w,]*\bbookmaker\b"),
    **_EXCHANGES,
    "kalshi": re.compile(rb'"event_ticker"\s*:|"orderbook_fp"\s*:'),
    "the_odds_api": re.compile(rb'"sport_key"\s*:'),
    "native": re.compile(rb'^\W{0,4}\{(?=[^\n]*"book"\s*:)(?=[^\n]*"odds"\s*:)', re.MULTILINE),
}
_ANSWER_A_LINE = frozenset(
    {"the_odds_api", "kalshi", *_VENDORS, *_EXCHANGES} - {"betradar_uof", "betdaq"}
)
_LINES_A_PAYLOAD = {"native": 1000}
_COMPRESSED = re.compile(r"\.(xz|gz|bz2)$", re.IGNORECASE)


def recognise(path: Path) -> str:
    """Return the name of the feed that reads a file, by what stands at its beginning.

    Raises:
        Refused: No feed knows it, or it cannot be opened; the sentence says what is supported.
    """
    head = files.head(path)
    for name, sign in _SIGNS.items():
        if sign.search(head):
            return name
    known = ", ".join(sorted(FEEDS[name].manifest.title for name in _SIGNS))
    raise Refused(f"{path.name} is no recording of a source that can be read; these can: {known}")


def payloads(path: Path, *, source: str | None = None) -> Iterator[Payload]:
    """Yield the answers in a file, undated: one a line of JSON lines, else the file as one.

    Raises:
        Refused: `source` is no feed, or the file is of none.
    """
    return _payloads(path, _feed_of(path, source), source_name(path), Counter())


def readings(
    path: Path,
    *,
    source: str | None = None,
    name: str | None = None,
    at: datetime | None = None,
    default: datetime = UNDATED,
) -> Iterator[Reading]:
    """Yield the readings in a file; what is broken is counted in the next one, or in a last one.

    Args:
        path: Plain, .xz, .gz or .bz2; JSON, JSON lines or CSV, whatever the name ends in.
        source: The feed to read it with, where its content does not show it.
        name: What the readings call their source, instead of `source_name(path)`.
        at: The instant of answers that do not say when they were given.
        default: The same where there is no `at` and no price says when it last changed.

    Raises:
        Refused: `source` is no feed, or the file is of none.
    """
    feed_name, called = _feed_of(path, source), name or source_name(path)
    feed, lost = build(feed_name), Counter[str]()
    for payload in _payloads(path, feed_name, called, lost):
        try:
            for reading in feed.read(payload):
                yield _finished(reading, lost, at, default)
        except FeedDrifted:
            lost[_why(payload.body)] += 1
    if lost.total():
        yield _finished(_empty(path, called), lost, at, default)


def source_name(path: Path) -> str:
    """Return what a recording calls its source: `replay:` and the file's name without endings.

    Examples:
        >>> source_name(Path("odds/wnba_72.jsonl.xz"))
        'replay:wnba_72'
    """
    return f"replay:{Path(_COMPRESSED.sub('', path.name)).stem}"


def _feed_of(path: Path, source: str | None) -> str:
    if source is not None and source not in _SIGNS:
        raise Refused(f"there is no source {source!r} to read with; choose one of {sorted(_SIGNS)}")
    return source or recognise(path)


def _payloads(path: Path, feed: str, called: str, lost: Counter[str]) -> Iterator[Payload]:
    request = Request(source=called, scope="all", url=path.absolute().as_uri())
    for body in _bodies(path, feed, lost):
        yield Payload(request=request, body=body, as_of=UNDATED, arrived_at=UNDATED)


def _bodies(path: Path, feed: str, lost: Counter[str]) -> Iterator[bytes]:
    if size := _LINES_A_PAYLOAD.get(feed):
        return (b"\n".join(some) for some in _batches(files.lines(path, lost), size))
    if feed in _ANSWER_A_LINE and not files.is_one_document(path):
        return files.lines(path, lost)
    return files.document(path, lost)


def _batches(lines: Iterator[bytes], size: int) -> Iterator[list[bytes]]:
    while some := list(islice(lines, size)):
        yield some


def _finished(
    reading: Reading, lost: Counter[str], at: datetime | None, default: datetime
) -> Reading:
    as_of = reading.as_of
    if as_of == UNDATED:
        as_of = at or _newest(reading) or default
    rejected = dict(lost + Counter(reading.rejected))
    lost.clear()
    return msgspec.structs.replace(
        reading, origin=Origin.REPLAY, as_of=as_of, arrived_at=as_of, rejected=rejected
    )


def _newest(reading: Reading) -> datetime | None:
    return max((q.changed_at for q in reading.quotes if q.changed_at), default=None)


def _why(body: bytes) -> Reason:
    try:
        body.decode()
    except UnicodeDecodeError:
        return Reason.WRONG_ENCODING
    return Reason.ANSWER_MALFORMED


def _empty(path: Path, called: str) -> Reading:
    request = Request(source=called, scope="all", url=path.absolute().as_uri())
    payload = Payload(request=request, body=b"", as_of=UNDATED, arrived_at=UNDATED)
    return Tally().reading(payload, origin=Origin.REPLAY, complete=False)
