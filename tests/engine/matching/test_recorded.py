"""Matching on recorded fixtures: what `benchmarks.matching_quality` measures, kept as a promise."""

from itertools import pairwise

import pytest

from benchmarks.matching_labels import names, typed_pairs
from benchmarks.matching_quality import measured, wilson
from engine.matching.score import fitted


def test_the_labels_are_many_and_hard_ones_are_among_them():
    spellings = sum(len(known) - 1 for known in names().values())
    assert spellings + len(typed_pairs()) >= 500
    assert sum(not pair.same for pair in typed_pairs()) >= 100


def test_a_larger_distance_never_makes_a_pair_likelier():
    assert all(weight <= 0 for weight in fitted().weights[1:])


def test_wilsons_interval_holds_the_share_and_narrows():
    spans = [wilson(n, n) for n in (10, 1_000, 100_000)]
    assert all(low < 1.0 <= high + 1e-12 for low, high in spans)
    assert all(a[0] < b[0] for a, b in pairwise(spans))


@pytest.mark.timeout(300)
def test_recorded_fixtures_under_other_names_are_found_and_none_is_taken_for_another(recorded_dir):
    found = measured(recorded_dir)
    assert sum(quality.wrong for quality in found.values()) == 0
    football = [q for title, q in found.items() if title.startswith("football")]
    right, fixtures = sum(q.right for q in football), sum(q.fixtures for q in football)
    assert right / fixtures >= 0.97
    joins = sum(quality.right for quality in found.values())
    assert wilson(joins, joins)[0] > 0.999
