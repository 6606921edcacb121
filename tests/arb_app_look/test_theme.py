import re

import pytest

from arb_app import theme
from arb_app.components.icons import MARK

AA_TEXT, AA_SHAPE = 4.5, 3.0
ASSETS = theme.STYLE_SHEET.parent
HAND_WRITTEN = [ASSETS / name for name in ("app.css", "parts.css", "home.css", "pages.css")]

both_themes = pytest.mark.parametrize("tokens", theme.THEMES.values(), ids=theme.THEMES)


def test_the_written_style_sheet_is_the_one_that_the_tokens_make():
    assert theme.STYLE_SHEET.read_text(encoding="utf-8") == theme.style_sheet()


@both_themes
def test_every_text_can_be_read_on_every_background_it_stands_on(tokens):
    pairs = [(text, ground) for text, grounds in theme.READ_ON.items() for ground in grounds]
    pairs += [(text, f"{name}-soft") for name in theme.SOFT for text in (name, "text", "muted")]
    weak = [pair for pair in pairs if theme.contrast(*(tokens[name] for name in pair)) < AA_TEXT]
    assert weak == []


@both_themes
@pytest.mark.parametrize("ground", ["bg", "surface", "raised"])
def test_the_edge_of_a_control_and_the_focus_ring_stand_out(tokens, ground):
    assert theme.contrast(tokens["line-strong"], tokens[ground]) >= AA_SHAPE
    assert theme.contrast(tokens["focus"], tokens[ground]) >= AA_SHAPE


def test_contrast_agrees_with_the_examples_of_its_definition():
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert theme.contrast("#1f45c0", "#1f45c0") == pytest.approx(1.0)


def test_both_themes_name_the_same_colours():
    assert theme.LIGHT.keys() == theme.DARK.keys()
    assert theme.LIGHT_SHADOWS.keys() == theme.DARK_SHADOWS.keys()


@pytest.mark.parametrize("sheet", HAND_WRITTEN, ids=lambda path: path.name)
def test_a_style_sheet_uses_only_tokens_that_exist(sheet):
    used = set(re.findall(r"var\((--[\w-]+)", sheet.read_text(encoding="utf-8")))
    assert used - set(re.findall(r"(--[\w-]+):", theme.style_sheet())) == set()


@pytest.mark.parametrize("sheet", HAND_WRITTEN, ids=lambda path: path.name)
def test_a_style_sheet_has_no_colour_of_its_own(sheet):
    css = sheet.read_text(encoding="utf-8")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", css) == []


@pytest.mark.parametrize("font", re.findall(r'url\("/([^"]+)"\)', theme.style_sheet()))
def test_the_fonts_that_the_style_sheet_names_are_there(font):
    assert (ASSETS / font).read_bytes()[:4] == b"wOF2"


def test_the_icon_is_the_mark_in_the_colours_of_the_light_theme():
    icon = (ASSETS / "favicon.svg").read_text(encoding="utf-8")
    assert re.findall(r' d="([^"]+)"', icon) == list(MARK)
    assert set(re.findall(r"#[0-9a-f]{6}", icon)) == {
        theme.LIGHT["accent"],
        theme.LIGHT["on-accent"],
    }


def test_no_style_sheet_gives_a_class_of_another_a_box():
    """A class that two sheets draw looks everywhere as the later one has it."""
    sheets = sorted(ASSETS.glob("*.css"))
    drawn = re.compile(r"^\.([\w-]+) \{([^}]*)\}", re.MULTILINE)
    boxed = [
        (name, sheet.name)
        for sheet in sheets
        for name, rules in drawn.findall(sheet.read_text(encoding="utf-8"))
        if re.search(r"^\s*(border|background|padding|display)\b", rules, re.MULTILINE)
    ]
    by_class = {name: {sheet for other, sheet in boxed if other == name} for name, _ in boxed}
    assert {name: found for name, found in by_class.items() if len(found) > 1} == {}
