"""Answers of nearly the shape that The Odds API documents, written in every way JSON allows."""

import json
from random import Random
from typing import Any

from hypothesis import strategies as st

from domain.errors import FeedDrifted
from feeds.the_odds_api import TheOddsApi

TIMES = ["2026-07-21T12:00:27Z", "2026-07-21T12:01:30Z", "2024-02-29T23:59:59Z"]
ODD_TIMES = ["2026-07-21T14:00:27.500+02:00", "2026-02-30T00:00:00Z", "2026-07-21T12:00:27.0004Z",
             "soon", 5, None]  # fmt: skip
NAMES = ["Gulls", "Foxes", "Draw", "Over", "Under", "Yes", "Gulls or Draw", "G\\ulls", "ü", ""]
PRICES = [-110, 150, 1.9, 2, 100, 99.5, -100, 1, 0, "-", "1.9", None, True, 10**18, [1], {"a": [2]}]
POINTS = [None, 8.5, -3.5, 3.5, 3, 0, -0.0, True, "8.5", [1], 10**17, 10**17 + 1]
KEYS = ["h2h", "h2h_lay", "spreads", "alternate_spreads", "totals", "team_totals", "double_chance",
        "player_points", "h2h_3_way", "outrights", "correct_score"]  # fmt: skip


def maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


def drawn_from(*values: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([value for some in values for value in some])


def rarely(usual: list[Any], odd: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([*usual * 8, *odd])


def in_any_order(fields: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return fields.flatmap(lambda said: st.permutations(list(said.items())).map(dict))


outcomes = in_any_order(
    st.builds(
        lambda name, price, point, more: {"name": name, "price": price, "point": point, **more},
        rarely(NAMES[:5], NAMES),
        rarely(PRICES[:5], PRICES),
        rarely(POINTS[:4], POINTS),
        maybe(description=drawn_from(NAMES, [7])),
    )
)
markets = in_any_order(
    st.builds(
        lambda key, said, more: {"key": key, "outcomes": said, **more},
        rarely(["h2h", "totals", "spreads"], KEYS),
        st.lists(outcomes, min_size=1, max_size=4),
        maybe(
            last_update=rarely(TIMES, ODD_TIMES), sid=drawn_from(["x", {"last_update": [1, "]"]}])
        ),
    )
)
books = in_any_order(
    st.builds(
        lambda key, said, more: {"key": key, "markets": said, **more},
        rarely(["book_one", "book_two", "betfair_ex_uk"], [" book_one ", "\u200b", "sm\u00f6r"]),
        st.lists(markets, min_size=1, max_size=3),
        maybe(last_update=rarely(TIMES, ODD_TIMES)),
    )
)
SIDES = {"home_team": "Gulls", "away_team": "Foxes"}
events = st.builds(
    lambda id_, sport, teams, said, more: (
        {"id": id_, "sport_key": sport, **teams, "bookmakers": said, **more}
    ),
    drawn_from(["e1", "e2", "e3", " e1"]),
    rarely(["basketball_nba", "soccer_epl", "icehockey_nhl"], ["quidditch_cup"]),
    rarely(
        [SIDES, {"home_team": "Foxes", "away_team": "Gulls"}],
        [{"home_team": "Gulls", "away_team": "Gulls"}, {"sport_title": "Masters"}],
    ),
    st.lists(books, min_size=1, max_size=3),
    maybe(commence_time=rarely(TIMES, ODD_TIMES)),
)
answers = st.lists(events, min_size=1, max_size=3)

FIELDS = [
    "key",
    "last_update",
    "markets",
    "outcomes",
    "name",
    "price",
    "point",
    "title",
    "k\u00e9y",
]
JUNK = [
    *("null", "true", "-0", "1E5", "1e400", "9" * 30, "-1.5e-7", "[]", "{}", '[[["{"]]]'),
    *('"]}"', '"\\\\"', '"a\\"b"', '"\u2028"', '{"price":{"price":[1]}}'),
    '[{"key":"h2h","outcomes":[{}]}]',
]
SPACES = ["", "", "", "", " ", "\t", "\r\n", "\n  "]


def written(value: Any, chance: Random, spoilt: float = 0.0) -> str:
    """Return JSON with spaces anywhere, and a share of it escaped, doubled, renamed or replaced."""
    if chance.random() < spoilt / 4:
        return chance.choice(JUNK)
    if isinstance(value, dict):
        return "{" + ",".join(fields(value, chance, spoilt)) + space(chance) + "}"
    if isinstance(value, list):
        inside = [space(chance) + written(each, chance, spoilt) for each in value]
        return "[" + f"{space(chance)},".join(inside) + space(chance) + "]"
    return text(value, chance, spoilt) if isinstance(value, str) else json.dumps(value)


def fields(value: dict[str, Any], chance: Random, spoilt: float) -> list[str]:
    said = list(value.items())
    if chance.random() < spoilt:
        said.append(chance.choice([*said, ("sid", "x")]))
    if chance.random() < spoilt:
        said[0] = (chance.choice(FIELDS), said[0][1])
    return [
        f"{space(chance)}{text(key, chance, spoilt)}{space(chance)}:{space(chance)}"
        f"{written(each, chance, spoilt)}{space(chance)}"
        for key, each in said
    ]


def space(chance: Random) -> str:
    return chance.choice(SPACES)


def text(value: str, chance: Random, spoilt: float) -> str:
    if chance.random() < spoilt / 4:
        return '"' + "".join(f"\\u{ord(sign):04X}" for sign in value) + '"'
    return json.dumps(value, ensure_ascii=chance.random() < 0.5)


def outcome_of(reader, payload):
    """Return the one reading of an answer, or the error that refuses it."""
    try:
        return next(iter(reader(payload)))
    except FeedDrifted as e:
        return type(e)


def plainly(payload):
    return outcome_of(lambda p: [TheOddsApi().read_plainly(p)], payload)
