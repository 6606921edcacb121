import gzip
import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from cli.main import main

ROOT = Path(__file__).parents[2]
AT = datetime.fromisoformat("2026-07-21T12:00:49Z")
EVENT = {
    "id": "296c93e4",
    "sport_key": "basketball_wnba",
    "sport_title": "WNBA",
    "commence_time": "2026-07-23T02:00:00Z",
    "home_team": "Lions",
    "away_team": "Bears",
}
CONTRACT = {
    "kind": str, "as_of": str, "in_play": bool, "roi": float, "event": dict, "legs": list,
    "proof": dict, "verdict": str, "refused_by": list,
}  # fmt: skip
CONTRACT_EVENT = ["id", "source_id", "sport", "league", "home", "away", "starts_at"]
CONTRACT_LEG = [
    "book", "market", "period", "line", "outcome", "side", "odds", "commission", "share",
    "changed_at", "age_s", "max_stake", "statistic", "subject", "source",
]  # fmt: skip


def book(name, home, away, *, age_s):
    updated = f"{AT - timedelta(seconds=age_s):%Y-%m-%dT%H:%M:%SZ}"
    outcomes = [{"name": "Lions", "price": home}, {"name": "Bears", "price": away}]
    market = {"key": "h2h", "last_update": updated, "outcomes": outcomes}
    return {"key": name, "title": name, "last_update": updated, "markets": [market]}


def snapshot(*books, at=AT):
    answer = [{**EVENT, "bookmakers": list(books)}]
    return json.dumps(
        {
            "fetched_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "sport_file": "odds/wnba.json",
            "response": answer,
        }
    )


GOOD = snapshot(
    book("betrivers", -250, -182, age_s=64), book("williamhill_us", 185, -300, age_s=22)
)
STALE = snapshot(
    book("betrivers", -250, -182, age_s=310), book("williamhill_us", 185, -300, age_s=22)
)


class Result(NamedTuple):
    exit_code: int
    stdout: str
    stderr: str


@pytest.fixture
def scan(capsys):
    def scan(path, *arguments):
        code = main(["scan", str(path), *arguments])
        return Result(code, *capsys.readouterr())

    return scan


@pytest.fixture
def run(scan, tmp_path):
    def run(*arguments, lines=(GOOD,)):
        path = tmp_path / "odds.jsonl"
        path.write_text("\n".join(lines))
        return scan(path, *arguments)

    return run


def test_an_opportunity_is_one_line_with_the_contracts_fields(run):
    result = run("--json")
    (got,) = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 0
    assert {name: type(value) for name, value in got.items()} == CONTRACT
    assert list(got["event"]) == CONTRACT_EVENT
    assert [list(leg) for leg in got["legs"]] == [CONTRACT_LEG] * 2
    assert (got["kind"], got["as_of"], got["in_play"]) == (
        "arbitrage",
        "2026-07-21T12:00:49Z",
        False,
    )
    assert (got["verdict"], got["refused_by"]) == ("accepted", [])
    assert got["event"]["starts_at"] == "2026-07-23T02:00:00Z"
    assert got["event"]["source_id"] == "296c93e4"


def test_its_figures_are_those_of_the_contracts_example(run):
    got = json.loads(run("--json").stdout)
    away, home = got["legs"]
    assert got["roi"] == pytest.approx(0.00374, abs=1e-5)
    assert (away["book"], away["outcome"], away["age_s"]) == ("betrivers", "away", 64.0)
    assert away["odds"] == pytest.approx(141 / 91, abs=1e-12)
    assert away["changed_at"] == "2026-07-21T11:59:45Z"
    assert (home["odds"], home["line"], home["max_stake"]) == (2.85, None, None)
    assert (away["share"], home["share"]) == (
        pytest.approx(0.6478, abs=1e-4),
        pytest.approx(0.3522, abs=1e-4),
    )
    assert got["proof"]["states"] == 2
    assert got["proof"]["worst_roi"] == pytest.approx(got["roi"])
    assert got["proof"]["unprotected"] == [
        {"state": "abandoned at one book only", "worst_roi": pytest.approx(-0.6478, abs=1e-4)}
    ]


def test_refused_crossings_are_shown_only_when_asked_for_with_their_codes(run):
    assert run("--json", lines=[STALE]).stdout == ""
    got = json.loads(run("--json", "--all", lines=[STALE]).stdout)
    assert (got["verdict"], got["refused_by"]) == ("refused", ["leg_too_old", "legs_apart"])


def test_without_gates_all_that_crosses_is_accepted(run):
    got = json.loads(run("--json", "--gates", "none", "--per-market", lines=[STALE]).stdout)
    assert (got["verdict"], got["refused_by"]) == ("accepted", [])


def test_each_reading_is_judged_by_itself(run):
    later = AT + timedelta(seconds=60)
    lines = [GOOD, snapshot(book("betrivers", -250, -182, age_s=0), at=later)]
    assert len(run("--json", lines=lines).stdout.splitlines()) == 1


def test_people_read_legs_in_columns_and_reasons_in_words(run):
    text = run("--all", lines=[STALE, GOOD]).stdout
    assert "+0.37%" in text
    assert "Lions v Bears" in text
    assert "refused: leg_too_old: leg betrivers is 310 s old; at most 120 s" in text


def test_counts_go_to_standard_error(run):
    result = run("--json", lines=[STALE, "{broken", GOOD])
    assert len(result.stdout.splitlines()) == 1
    assert "quotes read: 8" in result.stderr
    assert "rejected: 1" in result.stderr
    assert "crossings: 2" in result.stderr
    assert "accepted: 1" in result.stderr
    assert "leg_too_old" in result.stderr


def test_a_least_return_refuses_what_is_below_it(run):
    assert run("--json", "--min-roi", "0.0037").stdout
    assert run("--json", "--min-roi", "0.0038").stdout == ""


def test_the_summary_is_a_table_by_recording_and_stage(run):
    rows = run("--summary", lines=[STALE, GOOD]).stdout.splitlines()
    assert rows[0] == (
        "| recording | stage | crossings | across markets | accepted | accepted with other legs "
        "| leg_too_old | legs_apart |"
    )
    assert rows[2] == "| odds | pre-match | 2 | 0 | 1 | 0 | 1 | 1 |"
    assert rows[-3] == "| **all** | in play | 0 | 0 | 0 | 0 | 0 | 0 |"


def across_markets(odds):
    """Return a line in which a side and its opponent with a start cross at two books."""
    winner = book("betrivers", 120, -150, age_s=10)
    spread = book("williamhill_us", -120, odds, age_s=10)
    spread["markets"][0] |= {"key": "spreads"}
    for outcome, point in zip(spread["markets"][0]["outcomes"], (-0.5, 0.5), strict=True):
        outcome["point"] = point
    return snapshot(winner, spread)


def test_markets_are_looked_at_together_unless_told_otherwise(run):
    lines = [across_markets(-110)]
    together = json.loads(run("--json", lines=lines).stdout)
    assert {(leg["market"], leg["line"]) for leg in together["legs"]} == {
        ("winner", None),
        ("handicap", -0.5),
    }
    assert run("--json", "--per-market", lines=lines).stdout == ""
    assert run("--json", "--joint", lines=lines).stdout == run("--json", lines=lines).stdout
    assert run(lines=lines).stdout.count("handicap -0.5 incl. overtime, 2 ways") == 1


def test_the_summary_says_what_several_markets_add(run):
    lines = [across_markets(-110), GOOD]
    assert run("--summary", lines=lines).stdout.splitlines()[-1] == (
        "Crossings across markets: 1 beside 1 within one (+100.0%). "
        "Events that cross in no single market: 0 beside 1 that do (+0.0%)."
    )


def test_a_damaged_recording_is_scanned_up_to_the_damage(scan, tmp_path):
    whole = gzip.compress("\n".join([GOOD] * 3 + ["x" * 100_000]).encode(), compresslevel=0)
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(whole[:-20_000])
    result = scan(path, "--json")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--gates", "some"], "some"),
        (["--min-roi", "-1"], "min-roi"),
        (["--at", "yesterday"], "yesterday"),
        (["--at", "2026-07-21T12:00:49"], "time zone"),
        (["--source", "nobody"], "nobody"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(run, arguments, said):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_file_of_no_source_and_a_missing_file_end_with_2(run, scan, tmp_path):
    for result in (run(lines=["hello"]), scan(tmp_path / "missing.json")):
        assert (result.exit_code, result.stdout) == (2, "")
        assert len(result.stderr.splitlines()) == 1


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_error(tmp_path):
    path = tmp_path / "odds.jsonl"
    path.write_text("\n".join([GOOD] * 5_000))
    command = [sys.executable, "-m", "cli", "scan", str(path), "--json"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip
    process.stdout.readline()
    process.stdout.close()
    complaint = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert b"Traceback" not in complaint
    assert b"BrokenPipe" not in complaint


def native(book, outcome, odds):
    seen_at = f"{AT:%Y-%m-%dT%H:%M:%SZ}"
    event = {"source_id": "g1", "sport": "basketball", "home": "Lions", "away": "Bears"}
    return json.dumps(
        {
            "seen_at": seen_at,
            "event": {**event, "starts_at": "2026-07-23T02:00:00Z"},
            "book": book,
            "market": "winner",
            "period": "full_time_incl_overtime",
            "outcome": outcome,
            "odds": odds,
            "changed_at": seen_at,
        }
    )


def test_native_quotes_are_scanned_and_their_odds_not_rounded(run):
    lines = [native("a", "home", 2.0512345678), native("b", "away", 2.1)]
    got = json.loads(run("--json", lines=lines).stdout)
    assert got["verdict"] == "accepted"
    assert {leg["odds"] for leg in got["legs"]} == {2.0512345678, 2.1}
