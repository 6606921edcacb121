"""What the engine says of its figures, in other languages than its own, which is English."""

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Final

from domain.preferences import Language

_SPANISH: Final = {
    # What the gates say of prices
    "leg {book} is {age} s old": "la selección de {book} tiene {age} s",
    "at most {limit}": "como mucho {limit}",
    "at least {limit}": "como mínimo {limit}",
    "leg {book} does not say when it changed": "la selección de {book} no dice cuándo cambió",
    "leg {book} is {age} s ahead of the clock": "la selección de {book} va {age} s por delante",
    "the prices of {book} alone cost {sum}": "las cuotas de {book} por sí solas cuestan {sum}",
    "a book that sells at a loss is at fault": "una casa que vende a pérdida se equivoca",
    "leg {book} is {figure} in logit from the median of the other books": (
        "la selección de {book} está a {figure} en logit de la mediana de las demás casas"
    ),
    "should it be void, the others lose {loss}": "si se anula, las demás pierden {loss}",
    "the two sides of {book} fit the other books once they change places": (
        "los dos lados de {book} encajan con las demás casas si se intercambian"
    ),
    "leg {book} pays {odds}, which does not fit its other lines": (
        "la selección de {book} paga {odds}, que no encaja con sus otras líneas"
    ),
    "leg {book} is {figure} scatters of the other books from their median": (
        "la selección de {book} está a {figure} dispersiones de la mediana de las demás casas"
    ),
    "leg {book} went {figure} in logit away from the other books when it last changed": (
        "la selección de {book} se alejó {figure} en logit de las demás casas en su último cambio"
    ),
    "of the prices of {book} {share} went back to the one before": (
        "de las cuotas de {book} el {share} volvió a la anterior"
    ),
    "no scheduled start is known": "no se conoce la hora de inicio",
    "{age} s after the scheduled start": "{age} s después de la hora de inicio",
    "the legs changed {age} s apart": "las selecciones cambiaron con {age} s de diferencia",
    "all legs are at {book}": "todas las selecciones son de {book}",
    "all legs are at brands of one house: {books}": (
        "todas las selecciones son de marcas de una misma casa: {books}"
    ),
    "a usual ending may lose {loss}, by rules of the books that are not known": (
        "un desenlace habitual puede perder {loss}, por reglas de las casas que no se conocen"
    ),
    "returns {roi}": "devuelve {roi}",
    # What is wrong with sources
    "It failed so often that it is left alone: {why}": (
        "Falló tantas veces que se la deja en paz: {why}"
    ),
    "It keeps failing: {why}": "Falla una y otra vez: {why}",
    "It has not answered for several intervals.": "Lleva varios intervalos sin responder.",
    "Its credential is older than a day, and the vendor lets it be renewed.": (
        "Su credencial tiene más de un día, y el proveedor deja renovarla."
    ),
    "Its quota is spent until {when}.": "Su cupo está agotado hasta {when}.",
    "None of the {count} sources that are asked answers.": (
        "No responde ninguna de las {count} fuentes que se consultan."
    ),
    # How events end
    "abandoned at one book only": "abandonado solo en una casa",
    "ends level": "acaba en empate",
    "broken off": "interrumpido",
    "broken off, {more}": "interrumpido, {more}",
    "called early, official": "acortado, oficial",
    "called early, official, {more}": "acortado, oficial, {more}",
    "a listed pitcher did not start": "un lanzador anunciado no empezó",
    "walkover": "no presentado",
    "retired in the first set, {who} advances": "retirada en el primer set, pasa {who}",
    "retired after the first set, {who} advances": "retirada tras el primer set, pasa {who}",
    "never decided": "sin decidir",
    "another one wins": "gana otro",
    "{who} wins": "gana {who}",
    "{who} by {how}": "{who} por {how}",
    "{who} placed": "{who} en puestos de premio",
    "{count} withdrawn": "retirados: {count}",
    "draw": "empate",
    "yes": "sí",
    "no": "no",
}
_PHRASES: Final[Mapping[Language, Mapping[str, str]]] = {Language.SPANISH: _SPANISH}


@lru_cache(maxsize=4096)
def translated(text: str, language: Language) -> str:
    """Return what the engine said, part by part; a part that no phrase fits stays as it is.

    Examples:
        >>> translated("leg betmgm is 64.2 s old; at most 60 s", Language.SPANISH)
        'la selección de betmgm tiene 64.2 s; como mucho 60 s'
        >>> translated("something new", Language.SPANISH)
        'something new'
    """
    if language not in _PHRASES:
        return text
    return "; ".join(_part(part, _compiled(language)) for part in text.split("; "))


def _part(text: str, phrases: Iterable[tuple[re.Pattern[str], str]]) -> str:
    for pattern, told in phrases:
        if found := pattern.fullmatch(text):
            return told.format(**found.groupdict())
    return text


@cache
def _compiled(language: Language) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the phrases as patterns, those with the most words of their own first."""
    ordered = sorted(_PHRASES[language].items(), key=lambda item: -len(item[0]))
    return tuple((re.compile(_pattern(said)), told) for said, told in ordered)


def _pattern(said: str) -> str:
    parts = re.split(r"\{(\w+)\}", said)
    return "".join(
        f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)
    )
