"""The mark and the icons, drawn inline so that they take the colour of the text around them."""

from typing import Final

import reflex as rx

MARK: Final = (
    "M6 8h20",
    "M6 13c7.5 0 12.5 12 20 12",
    "M6 25c7.5 0 12.5-12 20-12",
)
"""Two pages of prices that cross, and above them the line of one that their sum stays below."""

_DRAWN: Final = {
    "arrow": ("M5 12h14", "M13 6l6 6-6 6"),
    "back": ("M19 12H5", "M11 6l-6 6 6 6"),
    "check": ("M5 12.5l4.5 4.5L19 7.5",),
    "clock": ("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M12 7.5V12l3 2"),
    "cross": ("M6 6l12 12", "M18 6L6 18"),
    "flag": ("M6 21V4", "M6 5h11l-2 4 2 4H6"),
    "gear": (
        "M4 7h9",
        "M17 7h3",
        "M15 5a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
        "M4 17h3",
        "M11 17h9",
        "M9 15a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
    ),
    "pause": ("M9 6v12", "M15 6v12"),
    "person": ("M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M4.5 20c1.2-3.6 4-5 7.5-5s6.3 1.4 7.5 5"),
    "shield": ("M12 3l7.5 3v5.5c0 4.6-3.1 8-7.5 9.5-4.4-1.5-7.5-4.9-7.5-9.5V6z",),
    "sigma": ("M17 6V5H7l6 7-6 7h10v-1",),
    "spark": ("M12 4v4", "M12 16v4", "M4 12h4", "M16 12h4"),
    "sun": ("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M12 3v18a9 9 0 0 0 0-18z"),
    "warn": ("M12 4l9 16H3z", "M12 10v4.5", "M12 17.4v.1"),
}
NAMES: Final = tuple(_DRAWN)


def icon(name: str) -> rx.Component:
    """Return an icon; it says nothing to a screen reader, so words stand beside it."""
    return rx.el.svg(
        *(rx.el.svg.path(d=path) for path in _DRAWN[name]),
        view_box="0 0 24 24",
        class_name="icon" if name != "sun" else "icon icon-half",
        aria_hidden="true",
    )


def mark() -> rx.Component:
    """Return the product's mark."""
    return rx.el.svg(
        *(rx.el.svg.path(d=path) for path in MARK),
        view_box="0 0 32 32",
        class_name="mark",
        aria_hidden="true",
    )
