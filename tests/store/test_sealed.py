"""Sealed fields: what was sealed opens in its place with its key, and nowhere else."""

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.keys import KeyMissing, KeyRing, NoKeys
from store.sealed import Place, SealBroken, key_id_of, seal, unseal

RING = KeyRing().renewed()
PLACE = Place("source_credentials", "sealed", "vendor key")
texts = st.text(max_size=300).filter(lambda text: text.isprintable() or not text)
names = st.text(string.printable, max_size=20)


@given(texts, names)
def test_what_was_sealed_opens_in_its_place(text, row):
    place = replace(PLACE, row=row)
    assert unseal(RING, place, seal(RING, place, text)) == text


@given(st.builds(Place, names, names, names), st.builds(Place, names, names, names))
def test_and_in_no_other_place(place, other):
    sealed = seal(RING, place, "s3cret")
    if place == other:
        assert unseal(RING, other, sealed) == "s3cret"
    else:
        with pytest.raises(SealBroken, match="does not open"):
            unseal(RING, other, sealed)


@pytest.mark.parametrize("moved", [{"table": "x"}, {"column": "x"}, {"row": "vendor secret"}])
def test_a_swapped_table_column_or_row_is_found(moved):
    with pytest.raises(SealBroken):
        unseal(RING, replace(PLACE, **moved), seal(RING, PLACE, "s3cret"))


@given(st.data())
def test_a_text_that_was_cut_or_changed_does_not_open(data):
    sealed = seal(RING, PLACE, "s3cret")
    at = data.draw(st.integers(0, len(sealed) - 1))
    put = data.draw(st.sampled_from(["", *"As.=-_é0"]))
    changed = sealed[:at] + put + (sealed[at + 1 :] if data.draw(st.booleans()) else "")
    if changed == sealed:
        return
    with pytest.raises((SealBroken, KeyMissing)):
        unseal(RING, PLACE, changed)


def test_the_same_text_is_never_sealed_the_same_way_twice():
    assert len({seal(RING, PLACE, "s3cret") for _ in range(100)}) == 100


def test_a_wrong_key_under_the_right_id_does_not_open():
    other = KeyRing(RING.current, {RING.current: bytes(32)})
    with pytest.raises(SealBroken):
        unseal(other, PLACE, seal(RING, PLACE, "s3cret"))


def test_a_key_that_is_gone_is_named():
    with pytest.raises(KeyMissing, match=f"master key {RING.current} is not"):
        unseal(KeyRing().renewed(), PLACE, seal(RING, PLACE, "s3cret"))


def test_with_a_second_key_the_old_still_opens_and_the_new_seals():
    old, ring = seal(RING, PLACE, "s3cret"), RING.renewed()
    assert unseal(ring, PLACE, old) == "s3cret"
    assert (key_id_of(old), key_id_of(seal(ring, PLACE, "x"))) == (RING.current, ring.current)
    assert RING.current != ring.current


def test_without_a_key_nothing_is_sealed():
    with pytest.raises(NoKeys, match="DUTCHBOOK_KEYS_FILE"):
        seal(KeyRing(), PLACE, "s3cret")


def test_of_all_ways_to_write_the_same_bytes_only_one_opens():
    sealed = seal(RING, PLACE, "s3cret")
    last = sealed.rstrip("=")[-1]
    spellings = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for other in set(spellings) - {last}:
        respelt = sealed.rstrip("=")[:-1] + other + "=" * sealed.count("=")
        with pytest.raises(SealBroken):
            unseal(RING, PLACE, respelt)
