"""Patience: how long a source may say nothing, by how often it is asked and how fast it was."""

from feeds.base import Manifest

# However often a source is asked and however fast it was, it may be silent for so long.
_LEAST_S = 3.0
_OF_THE_INTERVAL = 1 / 3
_TIMES_AS_LONG = 4.0
# Of the longest wait, how much is remembered after a shorter one.
_KEPT = 0.95


class Patience:
    """Remembers how long each source took to begin its answers.

    One that was never heard may be silent for `most_s`. One that is known is given up, and asked
    again, after a third of its interval or after four times the longest that it took of late,
    whichever is more: an answer that will not come must not cost it the next ones.
    """

    def __init__(self, most_s: float) -> None:
        self._most_s = most_s
        self._longest_s: dict[str, float] = {}

    def silence_s(self, manifest: Manifest) -> float:
        """Return how long a source may say nothing before its answer begins."""
        longest_s = self._longest_s.get(manifest.name)
        if longest_s is None:
            return self._most_s
        due_s = manifest.min_interval_s * _OF_THE_INTERVAL
        return min(self._most_s, max(_LEAST_S, due_s, _TIMES_AS_LONG * longest_s))

    def answered(self, manifest: Manifest, took_s: float) -> None:
        """Note how long a source took to begin an answer."""
        longest_s = self._longest_s.get(manifest.name, 0.0)
        self._longest_s[manifest.name] = max(took_s, _KEPT * longest_s)

    def forget(self, manifest: Manifest) -> None:
        """Wait longest for a source that was silent: it may have become slow."""
        self._longest_s.pop(manifest.name, None)
