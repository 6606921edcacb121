"""The audit as its page shows it: entries turned into text, and nothing decided."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from arb_app import format as as_text
from arb_app.state import listing
from arb_app.state.sources import since
from arb_app.words import say
from services.audit_look import MOST_COUNTED, Kept, Standing


@dataclass(frozen=True)
class EntryLine:
    """One entry; `at` is ISO 8601."""

    seq: int = 0
    at: str = ""
    who: str = ""
    action: str = ""
    subject: str = ""
    details: str = ""
    previous: str = ""
    hash: str = ""


@dataclass(frozen=True)
class StandingLine:
    """How the chain was found when it was last checked, where it ends, and its last anchor."""

    tone: str = "plain"
    state: str = ""
    text: str = ""
    checked: str = ""
    head: str = ""
    anchored: str = ""


def entry_line(kept: Kept) -> EntryLine:
    """Return an entry with its facts, one a line."""
    return EntryLine(
        seq=kept.seq,
        at=kept.at.isoformat(),
        who=as_text.actor(kept.actor),
        action=kept.action,
        subject=as_text.actor(kept.subject),
        details="\n".join(f"{name}: {_said(value)}" for name, value in kept.details.items()),
        previous=kept.previous,
        hash=kept.hash,
    )


def standing_line(found: Standing, now: datetime) -> StandingLine:
    """Return how the audit stands: never checked is not yet untouched."""
    checked, anchored, head = found.checked, found.anchored, found.head
    tone, state, text = "plain", say("audit.unchecked"), say("audit.unchecked.text")
    if checked is not None and checked.details.get("clean") is True:
        rows = as_text.count(checked.details["rows"])
        tone, state, text = "good", say("audit.clean"), say("audit.clean.text", rows=rows)
    elif checked is not None:
        tone, state, text = "bad", say("audit.broken"), str(checked.details.get("broken"))
    return StandingLine(
        tone=tone,
        state=state,
        text=text,
        checked=since(checked.at if checked else None, now),
        head=f"{head.seq} {head.hash.hex()[:16]}…" if head else say("audit.head.none"),
        anchored=say(
            "audit.anchored.text",
            ago=since(anchored.at, now),
            seq=anchored.details["seq"],
            key=anchored.details["key"],
        )
        if anchored
        else say("audit.anchored.none"),
    )


def summed(total: int) -> str:
    """Return how many entries a search found."""
    return listing.summed(total, "audit.total", "audit.total.one", "audit.total.more", MOST_COUNTED)


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
