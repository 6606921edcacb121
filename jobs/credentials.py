"""Credentials: which settings give those of a source, and what they give."""

from feeds.base import Manifest
from feeds.registry import FEEDS
from kit.settings import CREDENTIAL, Settings

_ONE_TEXT = ("key",)


def credentials(given: Settings, source: str) -> dict[str, str] | None:
    """Return the parts of a source's credential that are set, by name, or None if none is."""
    said = dict(given.credentials)
    if given.odds_api_key is not None:
        said.setdefault("the_odds_api", given.odds_api_key)
    found = {part: said.get(f"{source}_{part}") for part in FEEDS[source].manifest.credential_parts}
    found["key"] = found.get("key") or said.get(source)
    return {part: text.get_secret_value() for part, text in found.items() if text} or None


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
