"""Questions: whether the prices that a source last told still stand, and what comes of asking."""

import msgspec


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Whether what a source last said of a scope still stands; `id` is never used twice."""

    id: str
    source: str
    scope: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of questions: the scope was asked again and has answered, or it was not.

    It travels behind the prices that it answers with, so that whoever hears it has heard them.
    """

    questions: list[str]
    told: bool
