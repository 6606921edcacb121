"""Why something in an answer is dropped: the stable words that `Reading.rejected` counts by."""

from enum import StrEnum
from typing import Self

from domain.names import NameKind


class Reason(StrEnum):
    """One word for each way in which an answer, an event or a price can be unusable."""

    ANSWER_TOO_LARGE = "answer_too_large"
    ANSWER_MALFORMED = "answer_malformed"
    RECORDING_TRUNCATED = "recording_truncated"
    WRONG_ENCODING = "wrong_encoding"
    EVENT_MALFORMED = "event_malformed"
    BOOK_MALFORMED = "book_malformed"
    MARKET_MALFORMED = "market_malformed"
    PRICE_MALFORMED = "price_malformed"
    ROW_MALFORMED = "row_malformed"
    FIELD_INVALID = "field_invalid"
    UNKNOWN_SPORT = "unknown_sport"
    UNKNOWN_OUTCOME = "unknown_outcome"
    SUBJECT_MISSING = "subject_missing"
    MARKET_UNSUPPORTED = "market_unsupported"
    MARKET_CLOSED = "market_closed"
    MARKET_SUSPENDED = "market_suspended"
    SELECTION_CLOSED = "selection_closed"
    EVENT_UNKNOWN = "event_unknown"
    PRICES_DELAYED = "prices_delayed"
    NOTHING_OFFERED = "nothing_offered"
    CURRENCY_UNSUPPORTED = "currency_unsupported"
    NOT_A_NUMBER = "not_a_number"
    ODDS_NOT_ABOVE_ONE = "odds_not_above_one"
    ODDS_ABSURD = "odds_absurd"
    LINE_MISSING = "line_missing"
    LINE_INVALID = "line_invalid"
    SIDES_DO_NOT_MIRROR = "sides_do_not_mirror"
    OUTCOME_MISSING = "outcome_missing"
    TIME_INVALID = "time_invalid"
    DUPLICATE = "duplicate"


class Unknown(str):
    """A reason that carries the vendor's name which no table of ours knows.

    Wherever a reason is counted it is that reason; a tally notes the name beside.
    """

    __slots__ = ("kind", "said")

    kind: NameKind
    said: object

    def __new__(cls, reason: Reason, kind: NameKind, said: object) -> Self:
        """Return `reason`, with what the vendor `said`, which is taken as it comes."""
        self = super().__new__(cls, reason.value)
        self.kind, self.said = kind, said
        return self


Why = Reason | Unknown
"""Why something is dropped, with the name that was not known where that is why."""
