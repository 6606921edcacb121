"""Credentials: what the store holds and the settings give, as it is now, and who may be asked."""

import logging
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import ClassVar

from domain.errors import Unavailable
from feeds.base import Manifest
from feeds.registry import FEEDS
from kit.settings import CREDENTIAL, Settings

log = logging.getLogger(__name__)

_ONE_TEXT = ("key",)
_FILE, _MOST_IN_FILE = "_file", 4096
# Shorter texts are no secrets, and would hide half of every sentence.
_LEAST_HIDDEN = 4
_HIDDEN = "***"


class SwitchedOff(Unavailable):
    """A source is not asked because an admin switched it off."""

    code: ClassVar[str] = "switched_off"


class Credentials:
    """Every source's credential as it is now; what a transport asks for every question.

    A part that the store holds counts before the same part in the environment, where a text counts
    before a file. Files are read anew whenever something is taken: a key that was changed there
    is the next one that goes out. A source that is
    switched off has none to give, whether it needs one or not: so nothing at all is asked of it.
    """

    def __init__(self, given: Settings) -> None:
        self._given = given
        self._stored: Mapping[str, Mapping[str, str]] = {}
        self._off: frozenset[str] = frozenset()
        self._files: dict[str, str] = {}
        self._unread: dict[str, str] = {}
        self._around = self._environment()

    def __call__(self, source: str) -> dict[str, str] | None:
        """Return a source's credential by its parts, or None; raise `SwitchedOff`."""
        if source in self._off:
            raise SwitchedOff(f"{source}: it is switched off by an admin")
        return self._parts(source, self._stored) or None

    @property
    def stored(self) -> Mapping[str, Mapping[str, str]]:
        """What the store held when it was last looked at."""
        return self._stored

    def take(
        self, stored: Mapping[str, Mapping[str, str]], off: Collection[str] = ()
    ) -> frozenset[str]:
        """Use these from the next question on; return the sources for which anything changed."""
        before = {n: self._parts(n, self._stored) for n in {*FEEDS, *self._stored, *stored}}
        self._around = self._environment()
        changed = {n for n, parts in before.items() if parts != self._parts(n, stored)}
        turned = self._off.symmetric_difference(off)
        self._stored, self._off = stored, frozenset(off)
        return turned.union(changed)

    def hidden(self, text: str, source: str) -> str:
        """Return `text` without any part of the source's credential."""
        for part in sorted(self._parts(source, self._stored).values(), key=len, reverse=True):
            if len(part) >= _LEAST_HIDDEN:
                text = text.replace(part, _HIDDEN)
        return text

    def _parts(self, source: str, stored: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        return {**self._around.get(source, {}), **stored.get(source, {})}

    def _environment(self) -> dict[str, dict[str, str]]:
        """Return what the environment and its files give; an unreadable file is as it last was."""
        self._files, unread = _files(self._given, self._files)
        if unread != self._unread:
            log.warning("files of credentials not read", extra={"why": unread})
            self._unread = unread
        return {name: credentials(self._given, name, self._files) or {} for name in FEEDS}


def credentials(
    given: Settings, source: str, files: Mapping[str, str] | None = None
) -> dict[str, str] | None:
    """Return the parts of a source's credential that are set, by name, or None if none is.

    `files` is what the files hold that the settings name; they are read if it is not given.
    """
    said = _files(given, {})[0] if files is None else dict(files)
    texts = {name: text.get_secret_value() for name, text in given.credentials.items()}
    said |= {name: text for name, text in texts.items() if not name.endswith(_FILE)}
    if given.odds_api_key is not None:
        said.setdefault("the_odds_api", given.odds_api_key.get_secret_value())
    found = {part: said.get(f"{source}_{part}") for part in FEEDS[source].manifest.credential_parts}
    found["key"] = found.get("key") or said.get(source)
    return {part: text for part, text in found.items() if text} or None


def settings_of(manifest: Manifest) -> tuple[str, ...]:
    """Return the names of the settings that give a source's credential.

    Examples:
        >>> settings_of(FEEDS["kalshi"].manifest), settings_of(FEEDS["the_odds_api"].manifest)
        ((), ('DUTCHBOOK_CREDENTIAL_THE_ODDS_API',))
        >>> settings_of(FEEDS["betdaq"].manifest)
        ('DUTCHBOOK_CREDENTIAL_BETDAQ_PASSWORD', 'DUTCHBOOK_CREDENTIAL_BETDAQ_USERNAME')
    """
    if not manifest.needs_credential:
        return ()
    whole, parts = f"{CREDENTIAL}{manifest.name}".upper(), manifest.credential_parts
    return (whole,) if parts == _ONE_TEXT else tuple(f"{whole}_{part}".upper() for part in parts)


def misspelt(given: Settings) -> list[str]:
    """Return the variables for credentials that name no source, or no part of its credential."""
    known = {name for feed in FEEDS.values() for name in settings_of(feed.manifest)}
    known |= {
        f"{name}_{part}".upper()
        for name in known
        for part in _ONE_TEXT
        if name.removeprefix(CREDENTIAL).lower() in FEEDS
    }
    given_names = [f"{CREDENTIAL}{name}".upper() for name in given.credentials]
    known |= {f"{name}{_FILE}".upper() for name in known}
    return sorted(name for name in given_names if name not in known)


def in_environment(given: Settings) -> dict[str, list[str]]:
    """Return which parts of which sources' credentials the settings give."""
    found = {name: credentials(given, name) or {} for name in FEEDS}
    return {
        name: sorted(set(parts).intersection(FEEDS[name].manifest.credential_parts))
        for name, parts in found.items()
        if parts
    }


def _files(given: Settings, before: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the credentials in files, and why some cannot be read, both by name.

    Of a file that cannot be read, or is empty, it is what was there before.
    """
    found: dict[str, str] = {}
    unread: dict[str, str] = {}
    for name, path in given.credentials.items():
        if not name.endswith(_FILE):
            continue
        whose = name.removesuffix(_FILE)
        try:
            with Path(path.get_secret_value()).open() as file:
                text = file.read(_MOST_IN_FILE).strip()
        except (OSError, UnicodeDecodeError) as e:
            text, unread[whose] = "", type(e).__name__
        if text := text or before.get(whose, ""):
            found[whose] = text
    return found, unread
