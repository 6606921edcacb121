"""Style sheets that only some pages need: a page that holds one loads it, and no other does."""

import reflex as rx
from reflex.utils.imports import ImportVar
from reflex.vars import VarData


def sheet(name: str) -> rx.Component:
    """Return what makes a page load a style sheet of `assets/`, after those of every page.

    It is bundled with the page's own script, so its name changes with its content.
    """
    loaded = VarData(imports={"": [ImportVar(tag=f"$/public/{name}.css")]})
    return rx.fragment(rx.Var("null", _var_data=loaded))
