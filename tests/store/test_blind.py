"""A sealed text is found again, by whoever has the key and nobody else."""

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from store.blind import LENGTH, blinded, sought
from store.keys import KeyRing, NoKeys
from store.sealed import key_id_of, seal, unseal
from store.sealing import SealedColumn, reseal

RING = KeyRing().renewed()
COLUMN = SealedColumn("blind_try", "sealed", ("id", "part"), blind="found")
TABLE = sa.table("blind_try", *map(sa.column, ("id", "part", "sealed", "found")))


@given(text=st.text(), other=st.text())
def test_equal_texts_of_a_column_are_one_and_others_are_not(text, other):
    index = blinded(RING, "t", "c", text)
    assert len(index) == LENGTH
    assert (index == blinded(RING, "t", "c", other)) is (text == other)
    places = (("t", "d"), ("u", "c"), ("tc", ""))
    assert index not in {blinded(RING, *place, text) for place in places}
    assert index != blinded(KeyRing().renewed(), "t", "c", text)


def test_while_keys_change_a_text_is_sought_under_each():
    new = RING.renewed()
    found = sought(new, "t", "c", "x")
    assert found == [blinded(new, "t", "c", "x"), blinded(RING, "t", "c", "x")]
    with pytest.raises(NoKeys):
        sought(KeyRing(), "t", "c", "x")


@pytest.fixture
def table(owner):
    owner.execute(
        "create table blind_try (id uuid, part text, sealed text, found bytea,"
        " primary key (id, part))"
    )
    owner.execute("grant select, update, insert on blind_try to dutchbook_app")
    yield
    owner.execute("drop table blind_try")


@pytest.mark.usefixtures("table")
async def test_an_index_is_made_anew_with_its_text(database):
    named = ("6d0f9e0c-6c5c-4d2b-8f3a-5d1f4a1f0b11", "phone")
    place, new = COLUMN.place(named), RING.renewed()
    old = blinded(RING, "blind_try", "sealed", "+34600")
    row = {"id": sa.cast(named[0], sa.Uuid), "part": named[1], "found": old}
    async with database.begin() as db:
        await db.execute(sa.insert(TABLE).values(row | {"sealed": seal(RING, place, "+34600")}))
        found = sa.select(TABLE).where(
            TABLE.c.found.in_(sought(new, "blind_try", "sealed", "+34600"))
        )
        assert (await db.execute(found)).one().found == old
        assert (await reseal(db, new, COLUMN)).done == 1
        kept = (await db.execute(found)).one()
    assert kept.found == blinded(new, "blind_try", "sealed", "+34600") != old
    assert key_id_of(kept.sealed) == new.current
    assert unseal(new, place, kept.sealed) == "+34600"
