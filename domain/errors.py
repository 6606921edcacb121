"""What can go wrong, by what the reader of the error can do about it.

DutchbookError
├── Refused        the person asking can mend it; its text may be shown
│   ├── NotAllowed
│   │   ├── NotInPlan
│   │   └── ProofNeeded
│   └── NotFound
├── Unavailable    nobody is at fault; try again later
└── Broken         call a developer
    └── FeedDrifted    a source no longer answers as documented
"""

from typing import ClassVar


class DutchbookError(Exception):
    """Root of every error of ours; `code` is stable and fit for counting."""

    code: ClassVar[str] = "error"


class Refused(DutchbookError):
    """The request cannot be served as asked; the text says what to change."""

    code: ClassVar[str] = "refused"


class NotAllowed(Refused):
    """The subject lacks the permission."""

    code: ClassVar[str] = "not_allowed"


class NotInPlan(NotAllowed):
    """The subject's plan does not show it; another would."""

    code: ClassVar[str] = "not_in_plan"


class ProofNeeded(NotAllowed):
    """The subject may, but has to prove again that it is them: what they ask for is sensitive."""

    code: ClassVar[str] = "proof_needed"


class NotFound(Refused):
    """There is no such thing, or the subject may not know of it."""

    code: ClassVar[str] = "not_found"


class Unavailable(DutchbookError):
    """Something outside is down or slow; the same request may work later."""

    code: ClassVar[str] = "unavailable"


class Broken(DutchbookError):
    """A promise of our own or of a vendor no longer holds."""

    code: ClassVar[str] = "broken"


class FeedDrifted(Broken):
    """A source's answer is not of the documented shape."""

    code: ClassVar[str] = "feed_drifted"
