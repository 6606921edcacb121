"""Who holds the master keys: a file, or the transit engine of OpenBao or Vault."""

from store.keyhold.file import FileHold
from store.keyhold.holds import Keyhold, held
from store.keyhold.transit import TransitHold

__all__ = ["FileHold", "Keyhold", "TransitHold", "held"]
