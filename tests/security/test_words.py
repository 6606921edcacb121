"""What members are told of risks where they choose, in both languages."""

import re

import pytest

from arb_app.components.texts import telephone
from arb_app.words import LANGUAGES

RISKS = {
    "en": ("on its way", "another SIM", "app or a passkey is safer", "never the only factor"),
    "es": ("por el camino", "duplicado de la SIM", "llave de acceso es más segura", "único factor"),
}


@pytest.mark.parametrize("language", RISKS)
def test_whoever_sets_texts_up_is_told_their_risks_and_what_is_safer(language):
    told = LANGUAGES[language]["texts.text"]
    assert [part for part in RISKS[language] if part not in told] == []
    assert re.search(r"texts\.text|never the only factor", str(telephone()))
