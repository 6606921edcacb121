"""Nothing that must not be guessed can be foretold, and each has as much chance as it says."""

import math
import random
import secrets

import pytest

from kit import ids
from services import devices, factors, halfway, text_codes
from store.keys import KeyRing

# What is made when somebody joins, signs in, loses a telephone or seals something.
MADE = {
    "token": ids.secret,
    "id": ids.fresh,
    "code": lambda: [ids.digits(text_codes.DIGITS) for _ in range(9)],
    "recovery code": factors.new_codes,
    "seed of an app": factors.new_secret,
    "device": lambda: devices.made(KeyRing().renewed()),
    "key": lambda: KeyRing().renewed().newest(),
}


@pytest.mark.parametrize("kind", MADE)
def test_who_knows_the_seed_of_the_ordinary_generator_foretells_nothing(kind):
    found = []
    for _ in range(2):
        random.seed(7)
        found.append(MADE[kind]())
    assert found[0] != found[1]


@pytest.mark.parametrize("many", [text_codes.DIGITS, halfway.CODE_DIGITS])
def test_a_code_is_any_number_of_its_length_and_six_digits_at_least(monkeypatch, many):
    assert many >= 6
    for draw, code in ((lambda most: most - 1, "9" * many), (lambda _: 0, "0" * many)):
        monkeypatch.setattr(secrets, "randbelow", draw)
        assert ids.digits(many) == code


def test_a_recovery_code_has_120_random_bits(monkeypatch):
    asked = []
    monkeypatch.setattr(secrets, "token_bytes", lambda many: asked.append(many) or bytes(many))
    codes = [code.replace("-", "") for code in factors.new_codes()]
    assert min(asked) * 8 >= 120
    assert {len(code) * math.log2(32) for code in codes} == {120}
