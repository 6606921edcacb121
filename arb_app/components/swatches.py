"""The design tokens as they look: colours with their contrast, steps of space and type, motion."""

from collections.abc import Iterable
from typing import Final

import reflex as rx

from arb_app import theme
from arb_app.words import say

_TEXT: Final = 4.5
"""The contrast that WCAG 2.2 AA asks of text."""


def colours(scheme: str) -> rx.Component:
    """Return every colour of a theme: its name, its value, and the text that it carries."""
    tokens = theme.THEMES[scheme]
    return rx.el.ul(*(_colour(tokens, name) for name in tokens), class_name="swatches")


def contrasts(scheme: str) -> rx.Component:
    """Return each pair of text and ground that pages use, with its contrast."""
    tokens = theme.THEMES[scheme]
    pairs = [(text, ground) for text, grounds in theme.READ_ON.items() for ground in grounds]
    pairs += [(name, f"{name}-soft") for name in theme.SOFT]
    return rx.el.ul(*(_pair(tokens, *pair) for pair in pairs), class_name="contrasts")


def steps(prefix: str, styled: str, word: str = "") -> rx.Component:
    """Return the steps of a scale, each as an example drawn with the CSS property `styled`."""
    names = [name for name in (*theme.SCALE, *theme.LIGHT_SHADOWS) if name.startswith(prefix)]
    lines = (
        _step(
            name, rx.el.span(word, class_name=f"sample sample-{prefix}", style={styled: _var(name)})
        )
        for name in names
    )
    return rx.el.ul(*lines, class_name="samples")


def motions() -> rx.Component:
    """Return each motion token on something that moves with it while it is pointed at."""
    names = [name for name in theme.SCALE if name.startswith("motion-")]
    lines = (
        _step(
            name, rx.el.span(class_name="sample sample-motion", style={"transition": _moving(name)})
        )
        for name in names
    )
    return rx.el.ul(*lines, class_name="samples")


def panels(drawn: Iterable[tuple[str, rx.Component]]) -> rx.Component:
    """Return the same things in either theme, side by side."""
    return rx.el.div(
        *(
            rx.el.div(
                rx.el.p(say(f"gallery.{scheme}"), class_name="label"),
                shown,
                class_name="gallery-panel",
                custom_attrs={"data-theme": scheme},
            )
            for scheme, shown in drawn
        ),
        class_name="gallery-panels",
    )


def _colour(tokens: dict[str, str], name: str) -> rx.Component:
    return rx.el.li(
        rx.el.span(class_name="swatch", style={"background": _var(f"c-{name}")}),
        rx.el.span(rx.el.strong(name), rx.el.span(tokens[name], class_name="label")),
    )


def _pair(tokens: dict[str, str], text: str, ground: str) -> rx.Component:
    ratio = theme.contrast(tokens[text], tokens[ground])
    look = {"color": _var(f"c-{text}"), "background": _var(f"c-{ground}")}
    told = say("gallery.contrast", text=text, ground=ground, ratio=f"{ratio:.1f}")
    return rx.el.li(
        told if ratio >= _TEXT else say("gallery.weak", told=told),
        style=look,
        data_testid="contrast",
    )


def _step(name: str, example: rx.Component) -> rx.Component:
    value = {**theme.SCALE, **theme.LIGHT_SHADOWS}[name]
    told = rx.el.span(rx.el.strong(name), rx.el.span(value, class_name="label"))
    return rx.el.li(example, told)


def _moving(name: str) -> str:
    return f"translate {_var(name)}"


def _var(name: str) -> str:
    return f"var(--{name})"
