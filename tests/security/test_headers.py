"""What every answer tells a browser, word for word."""

from arb_app.edge.headers import HSTS, SAFE


def test_browsers_stay_with_https_for_a_year_or_more_and_so_do_all_names_below():
    name, said = HSTS
    age, below = said.decode().split("; ")
    assert name == b"strict-transport-security"
    assert int(age.removeprefix("max-age=")) >= 31_536_000
    assert below == "includeSubDomains"


def test_an_answer_is_not_guessed_at_and_is_told_to_no_other_site():
    said = dict(SAFE)
    assert said[b"x-content-type-options"] == b"nosniff"
    assert said[b"referrer-policy"] == b"strict-origin-when-cross-origin"
    assert said[b"cross-origin-resource-policy"] == b"same-origin"
