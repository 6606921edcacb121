"""`./arb bench`: which benchmarks there are, and what the soak makes of its samples."""

import pytest

from benchmarks.soak import MB, Soaked
from cli.benchmarks import available, by_default


def test_the_soak_runs_only_for_those_who_ask_for_it_by_name():
    known = available()
    assert "soak" in known
    assert sorted([*by_default(known), "soak"]) == known


def samples(*rss_mb, **told):
    soaked = Soaked()
    for each in rss_mb:
        usual = {"live": 5, "delays_ms": [1.0, 2.0], "patches": 10, "gaps": 0, "retries": 0}
        soaked.add(int(each * MB), usual | told)
    return soaked


@pytest.mark.parametrize(
    ("rss_mb", "change"),
    [
        ([100] * 30, 0.0),
        ([50, 50, 50, *([100] * 27)], 0.0),
        ([*([100] * 27), 110, 110, 110], 0.1),
        ([100, 104], 0.0),
    ],
    ids=["flat", "warming up", "grown at the end", "too short to tell"],
)
def test_memory_is_compared_with_what_it_was_after_the_warm_up(rss_mb, change):
    assert samples(*rss_mb).figures(60)["soak_memory_change"] == pytest.approx(change)


def test_gaps_messages_and_reconnects_are_added_up():
    told = samples(*[100] * 4, gaps=1, retries=2).figures(3600)
    assert (told["soak_gaps"], told["soak_reconnects"], told["soak_messages"]) == (4, 8, 40)
    assert (told["soak_hours"], told["soak_clients"]) == (1, 5)
