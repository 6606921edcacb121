"""Design tokens: every colour, size and shadow of the product, and the style sheet they make.

`python -m arb_app.theme` writes `assets/theme.css`; a test keeps the two the same.
"""

from pathlib import Path
from typing import Final

STYLE_SHEET: Final = Path(__file__).resolve().parent.parent / "assets" / "theme.css"

LIGHT: Final = {
    "bg": "#f5f6f9",
    "surface": "#ffffff",
    "raised": "#eef1f6",
    "line": "#dce1ea",
    "line-strong": "#7d889c",
    "text": "#0e1626",
    "muted": "#525d72",
    "accent": "#1f45c0",
    "accent-soft": "#e6ecfd",
    "on-accent": "#ffffff",
    "good": "#096345",
    "good-soft": "#e0f3ea",
    "warn": "#7d4b00",
    "warn-soft": "#fbeed6",
    "bad": "#ae1f2b",
    "bad-soft": "#fce8e8",
    "focus": "#1f45c0",
}
DARK: Final = {
    "bg": "#0a0e16",
    "surface": "#111723",
    "raised": "#1a2231",
    "line": "#263044",
    "line-strong": "#6a778f",
    "text": "#e9edf6",
    "muted": "#9ba8bf",
    "accent": "#94b1ff",
    "accent-soft": "#1a2747",
    "on-accent": "#0a1330",
    "good": "#56d6a4",
    "good-soft": "#0f2d26",
    "warn": "#f2bb5c",
    "warn-soft": "#33270f",
    "bad": "#ff9292",
    "bad-soft": "#3a1a20",
    "focus": "#94b1ff",
}
SCALE: Final = {
    **{f"space-{n}": f"{rem}rem" for n, rem in enumerate((0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4.5), 1)},
    "radius-1": "0.375rem",
    "radius-2": "0.625rem",
    "radius-3": "1rem",
    "text-xs": "0.75rem",
    "text-sm": "0.8125rem",
    "text-md": "0.9375rem",
    "text-lg": "1.125rem",
    "text-xl": "1.5rem",
    "text-2xl": "clamp(2rem, 1.3rem + 2.9vw, 3.375rem)",
    "font-sans": '"Inter Variable", "Inter Metrics", ui-sans-serif, system-ui, sans-serif',
    "font-mono": 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace',
    "width": "76rem",
    "motion-quick": "0.12s ease",
    "motion-calm": "0.3s ease",
    "motion-notable": "1.6s ease-out",
}
"""Space, radii, type, width, and motion: how long and how; under reduced motion nothing moves."""
LIGHT_SHADOWS: Final = {
    "shadow-1": "0 1px 2px rgb(14 22 38 / 0.06)",
    "shadow-2": "0 1px 2px rgb(14 22 38 / 0.06), 0 12px 32px -12px rgb(14 22 38 / 0.18)",
}
DARK_SHADOWS: Final = {
    "shadow-1": "0 1px 2px rgb(0 0 0 / 0.4)",
    "shadow-2": "0 1px 2px rgb(0 0 0 / 0.5), 0 16px 40px -12px rgb(0 0 0 / 0.7)",
}
THEMES: Final = {"light": LIGHT, "dark": DARK}

READ_ON: Final = {
    **dict.fromkeys(
        ("text", "muted", "accent", "good", "warn", "bad"), ("bg", "surface", "raised")
    ),
    "on-accent": ("accent",),
}
"""Which text stands on which background, besides text and its own colour on each soft colour."""
SOFT: Final = ("accent", "good", "warn", "bad")

_RANGES: Final = {
    "latin-ext": "U+0100-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+1E00-1E9F,"
    " U+1EF2-1EFF, U+2020, U+20A0-20AB, U+20AD-20C0, U+2113, U+2C60-2C7F, U+A720-A7FF",
    "latin": "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+0304,"
    " U+0308, U+0329, U+2000-206F, U+20AC, U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD",
}
_METRICS: Final = """@font-face {
  font-family: "Inter Metrics";
  src: local("Arial"), local("Liberation Sans");
  ascent-override: 90.44%;
  descent-override: 22.52%;
  line-gap-override: 0%;
  size-adjust: 107.12%;
}
"""
"""Arial as wide and as high as Inter, so that lines stay where they are when the font arrives."""


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two `#rrggbb` colours, as WCAG 2.2 defines it: 1 to 21.

    Examples:
        >>> round(contrast("#ffffff", "#000000"), 1)
        21.0
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def style_sheet() -> str:
    """Return the tokens as CSS: light, dark by the system's wish, and either by `data-theme`.

    An element that names a theme has it, with all that it holds, whatever the page's is.
    """
    light = {**{f"c-{name}": value for name, value in LIGHT.items()}, **LIGHT_SHADOWS}
    dark = {**{f"c-{name}": value for name, value in DARK.items()}, **DARK_SHADOWS}
    wished = _rule(':root:not([data-theme="light"])', dark, "dark").replace("\n", "\n  ").rstrip()
    parts = [
        "/* Written by `python -m arb_app.theme`; change arb_app/theme.py instead. */\n",
        *(_font(name, covers) for name, covers in _RANGES.items()),
        _METRICS,
        _rule(":root", SCALE),
        _rule(':root,\n[data-theme="light"]', light, "light"),
        f"@media (prefers-color-scheme: dark) {{\n  {wished}\n}}\n",
        _rule('[data-theme="dark"]', dark, "dark"),
    ]
    return "\n".join(parts)


def _luminance(colour: str) -> float:
    channels = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rule(selector: str, tokens: dict[str, str], scheme: str = "") -> str:
    lines = "".join(f"  --{name}: {value};\n" for name, value in tokens.items())
    told = f"  color-scheme: {scheme} !important;\n" if scheme else ""
    return f"{selector} {{\n{told}{lines}}}\n"


def _font(name: str, covers: str) -> str:
    return (
        '@font-face {\n  font-family: "Inter Variable";\n  font-style: normal;\n'
        "  font-display: swap;\n  font-weight: 100 900;\n"
        f'  src: url("/fonts/inter-{name}.woff2") format("woff2");\n'
        f"  unicode-range: {covers};\n}}\n"
    )


if __name__ == "__main__":
    STYLE_SHEET.write_text(style_sheet(), encoding="utf-8")
