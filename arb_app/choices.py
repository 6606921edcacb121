"""What readers chose since their sockets opened: a handshake tells only what was chosen before."""

from collections import OrderedDict
from typing import Final

from domain.preferences import Preferences

MOST: Final = 10_000


class Choices:
    """Choices by the id of a socket, the oldest forgotten beyond `MOST`.

    A socket's successor brings the cookie, in which the browser has kept the same.
    """

    def __init__(self) -> None:
        self._chosen: OrderedDict[str, Preferences] = OrderedDict()

    def keep(self, session_id: str, chosen: Preferences) -> None:
        """Count these as chosen from now on."""
        self._chosen[session_id] = chosen
        self._chosen.move_to_end(session_id)
        while len(self._chosen) > MOST:
            self._chosen.popitem(last=False)

    def of(self, session_id: str) -> Preferences | None:
        """Return what was chosen since the socket opened, or None if nothing was."""
        return self._chosen.get(session_id)
