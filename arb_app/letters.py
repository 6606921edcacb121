"""Letters in words: what each kind says, in plain text and as the same in HTML."""

from html import escape
from typing import Final
from urllib.parse import urlsplit

from arb_app.format import instant, place
from arb_app.reader import here, reader, writing_for
from arb_app.words import say
from domain.letters import Letter, LetterKind, Visit
from domain.preferences import Preferences
from kit.settings import Settings, settings

_PAGE: Final = (
    '<!doctype html><html><body style="font:16px/1.5 sans-serif;max-width:36em">{}</body></html>\n'
)
_WHERE: Final = {
    LetterKind.CONFIRM: "/confirm",
    LetterKind.KNOWN: "/login",
    LetterKind.RESET: "/reset",
    LetterKind.CHANGED: "/forgot",
    LetterKind.NEW_DEVICE: "/account/sessions",
    LetterKind.BLOCKED: "/account/sessions",
    LetterKind.STEP_CODE: "/forgot",
    LetterKind.STOPPED: "/forgot",
    LetterKind.FACTOR_ADDED: "/account/security",
    LetterKind.FACTOR_REMOVED: "/account/security",
    LetterKind.RECOVERY_MADE: "/account/security",
    LetterKind.RECOVERY_USED: "/account/security",
    LetterKind.PASSKEY_CLONED: "/account/security",
    LetterKind.MOVE: "/move",
    LetterKind.MOVE_TAKEN: "/login",
    LetterKind.MOVE_ASKED: "/keep",
    LetterKind.MOVED: "/account/data",
    LetterKind.MOVED_AWAY: "/keep",
    LetterKind.CLOSED: "/come-back",
    LetterKind.CAME_BACK: "/account/data",
}
_TYPED: Final = frozenset({LetterKind.STEP_CODE})
"""Letters whose code is typed into the page that asks for it; the link leads elsewhere."""
_NOTICES: Final = frozenset(_WHERE) - {LetterKind.CONFIRM, LetterKind.KNOWN, LetterKind.RESET}
"""Letters about an account, which whoever did not do it should act upon."""


def written(kind: LetterKind, code: str) -> Letter:
    """Return a letter of a kind.

    A code stands behind `#` in its link: browsers keep that to themselves, so it is in no log.
    """
    typed = kind in _TYPED
    way = _WHERE[kind] + (f"#{code}" if code and not typed else "")
    why = say("letter.why.notice" if kind in _NOTICES else "letter.why")
    return _letter(kind, way, why, **({"code": code} if typed else {}))


def told(kind: LetterKind, visit: Visit, chosen: Preferences | None) -> Letter:
    """Return a letter about a visit, as the member has chosen to be written to, or as they read."""
    with writing_for(chosen or reader()):
        values = {
            "device": visit.device,
            "place": place(visit.country, visit.network),
            "at": instant(visit.at),
        }
        return _letter(kind, _WHERE[kind], say("letter.security"), **values)


def _letter(kind: LetterKind, way: str, why: str, **values: str) -> Letter:
    link = f"{_origin(settings())}{here(way)}"
    lines, ask = say(f"letter.{kind}.text", **values).split("\n"), say(f"letter.{kind}.link")
    paragraphs = [*lines, f"{ask}\n{link}", why]
    html = [
        *(f"<p>{escape(line)}</p>" for line in lines),
        f'<p><a href="{escape(link)}">{escape(ask)}</a></p>',
        f'<p style="color:#525d72;font-size:13px">{escape(why)}</p>',
    ]
    return Letter(
        subject=say(f"letter.{kind}.subject"),
        text="\n\n".join(paragraphs) + "\n",
        html=_PAGE.format("".join(html)),
    )


def _origin(given: Settings) -> str:
    if given.public_url:
        parts = urlsplit(given.public_url)
        return f"{parts.scheme}://{parts.netloc}"
    return f"http://{given.host}:{given.port}"
