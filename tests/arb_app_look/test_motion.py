"""Nothing moves for whoever asked for less motion."""

import re

import pytest

from arb_app import theme

ROOT = theme.STYLE_SHEET.parent.parent
SHEETS = sorted(theme.STYLE_SHEET.parent.glob("*.css"))
SCRIPTS = sorted(
    path for folder in ("arb_app", "assets") for path in (ROOT / folder).rglob("*.js*")
    if path.suffix in (".js", ".jsx") and "external" not in path.parts
)  # fmt: skip
MOVING = re.compile(
    r"(?:^|[\s;{])(animation|transition|scroll-behavior)(?:-[\w-]+)?\s*:\s*([^;}]+)"
)
STILL = {"animation": "none", "transition": "none", "scroll-behavior": "auto"}
# What a script would move by itself, whatever the style sheets say.
BY_SCRIPT = re.compile(r"\.animate\(|behavior:(?! \"instant\")|scrollBehavior|startViewTransition")


def css(path):
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def rules_of(query, text):
    """Return what stands within the media query, braces and all."""
    start = text.index("{", text.index(query)) + 1
    depth, end = 1, start
    while depth:
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        end += 1
    return text[start : end - 1]


def test_one_rule_ends_every_motion_of_every_element():
    text = css(theme.STYLE_SHEET.parent / "app.css")
    selectors, rules = rules_of("(prefers-reduced-motion: reduce)", text).split("{", 1)
    assert {each.strip() for each in selectors.split(",")} == {"*", "*::before", "*::after"}
    said = {name: value.strip() for name, value in MOVING.findall(rules)}
    assert said == {name: f"{value} !important" for name, value in STILL.items()}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_no_style_sheet_insists_on_a_motion_of_its_own(sheet):
    insisting = [value for name, value in MOVING.findall(css(sheet)) if "!important" in value]
    assert insisting == (
        [] if sheet.name != "app.css" else [f"{v} !important" for v in STILL.values()]
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_moves_anything_by_itself(script):
    text = script.read_text(encoding="utf-8")
    assert BY_SCRIPT.findall(text) == [] or "prefers-reduced-motion" in text


def test_motion_has_tokens():
    assert {name for name in theme.SCALE if name.startswith("motion-")} >= {
        "motion-quick",
        "motion-calm",
        "motion-notable",
    }
