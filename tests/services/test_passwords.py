"""Passwords: hashed with Argon2id, compared in equal time, and refused when easily guessed."""

import asyncio
import importlib.metadata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused, Unavailable
from services.passwords import LONGEST, SHORTEST, Passwords, require_good
from tests.accounts import ANN, PASSWORD, CheapPasswords


@pytest.mark.slow
async def test_a_password_is_kept_as_argon2id_at_the_full_cost():
    passwords = Passwords()
    kept = await passwords.hashed(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert await passwords.verify(PASSWORD, kept)
    assert not await passwords.verify(PASSWORD + " ", kept)
    assert not passwords.outdated(kept)


async def test_the_same_password_is_never_kept_the_same_way():
    passwords = CheapPasswords()
    assert await passwords.hashed(PASSWORD) != await passwords.hashed(PASSWORD)


async def test_where_there_is_nothing_to_compare_with_the_answer_is_no():
    assert not await CheapPasswords().verify(PASSWORD, None)


async def test_a_hash_of_another_cost_is_outdated():
    kept = await CheapPasswords().hashed(PASSWORD)
    assert CheapPasswords(passes=2).outdated(kept)


@pytest.mark.parametrize("password", ["a\0b", "pass\u00e9 \U0001f600", "x" * LONGEST])
async def test_any_text_is_a_password_as_it_is(password):
    passwords = CheapPasswords()
    kept = await passwords.hashed(password)
    assert await passwords.verify(password, kept)
    assert not await passwords.verify(password[:-1], kept)


@pytest.mark.slow
async def test_a_crowd_is_refused_instead_of_queued_for_ever():
    passwords = CheapPasswords(passes=30, memory_kib=8_192)
    crowd = [passwords.verify(PASSWORD, None) for _ in range(60)]
    told = await asyncio.gather(*crowd, return_exceptions=True)
    assert sum(isinstance(each, Unavailable) for each in told) == 60 - 32
    assert not await passwords.verify(PASSWORD, None)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "x7#kQp!29vLm",
        "gr\u00fcne Wolken \u00fcber Jena",
        "a" * 60 + "Zq7!kf03Xw",
        "ann@example.com x7#kQp!29vLm",
        f"dutchbook {PASSWORD}",
    ],
)
def test_a_password_that_is_hard_to_guess_will_do(password):
    require_good(password, email=ANN)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "12 to 1024"),
        ("x7#kQp!29vL", "12 to 1024"),
        ("x7#kQp!2" * 200, "12 to 1024"),
        ("seven quiet \ud800 lanterns", "no text"),
        ("password1234", "easy to guess"),
        ("PASSWORD1234", "easy to guess"),
        ("qwertyuiop123", "easy to guess"),
        ("aaaaaaaaaaaaaaaa", "easy to guess"),
        ("abababababab", "easy to guess"),
        ("dutchbook1234", "easy to guess"),
        ("ann@example.com", "easy to guess"),
        ("ann.example.com", "easy to guess"),
        ("example.com/Ann", "easy to guess"),
        ("com.example.nna", "easy to guess"),
        ("4nn_3x4mpl3_c0m", "easy to guess"),
        ("dutchbook2026", "easy to guess"),
        ("DutchBook!DutchBook", "easy to guess"),
        ("Dutchb00k.Ann.2026", "easy to guess"),
        ("+!DUTCH800K-4nn!+", "easy to guess"),
    ],
)
def test_a_password_that_is_short_long_or_common_is_refused_with_the_reason(password, why):
    with pytest.raises(Refused, match=why) as refusal:
        require_good(password, email=ANN)
    assert not password or password not in str(refusal.value)


@pytest.mark.parametrize("spelled", ["maria-luisa_gomez", "MariaLuisa.Gomez", "m4r14.lui54.g0m3z"])
def test_every_part_of_an_address_counts_for_nothing_however_it_is_parted(spelled):
    with pytest.raises(Refused, match="easy to guess"):
        require_good(spelled, email="maria_luisa-gomez+bets@example.com")
    require_good(spelled, email=ANN)


@given(st.permutations(["ann", "example", "com", "dutchbook"]), st.sampled_from(".-_@ /+"))
def test_no_order_of_the_address_and_our_name_will_do(words, between):
    with pytest.raises(Refused):
        require_good(between.join(words), email=ANN)


def test_exactly_the_shortest_and_the_longest_will_do():
    words = "seven quiet lanterns over a frozen river "
    for length in (SHORTEST, LONGEST):
        require_good(("k3#" + words * 30)[:length], email=ANN)


def test_the_abandoned_package_of_the_same_name_is_not_installed():
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.distribution("passlib")
