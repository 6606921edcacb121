"""Both servers of one data directory."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from kit.clock import Clock, SystemClock
from store.embedded.holder import SERVERS, Holder
from store.embedded.passwords import Passwords
from store.embedded.postgres import Postgres
from store.embedded.valkey import Valkey


class Servers:
    """PostgreSQL and Valkey beneath a held data directory; a context manager that stops them."""

    def __init__(self, holder: Holder) -> None:
        folder, logs = holder.data_dir / SERVERS, holder.data_dir / "logs"
        passwords = Passwords.at(folder / "passwords.json")
        self.holder = holder
        self.postgres = Postgres(folder / "postgres", logs / "postgres.log", passwords)
        self.valkey = Valkey(folder / "valkey", logs / "valkey.log", passwords)

    @classmethod
    def start(cls, data_dir: Path, *, address: str = "", clock: Clock | None = None) -> Self:
        """Take hold of `data_dir`, make its databases on the first call, and start both servers.

        Args:
            data_dir: Where everything lies; made if it does not exist.
            address: What the next one to ask for the directory is told about us.
            clock: Says since when we hold it.

        Raises:
            Held: Somebody else runs on the directory.
            Refused: The directory cannot be used.
            Unavailable: A server does not start.
        """
        since = (clock or SystemClock()).now()
        holder = Holder.take(data_dir, address=address, since=since)
        with ExitStack() as undo:
            undo.callback(holder.release)
            servers = cls(holder)
            undo.callback(servers._halt)
            with ThreadPoolExecutor(2) as both:
                pending = [both.submit(s.start) for s in (servers.postgres, servers.valkey)]
            for started in pending:
                started.result()
            undo.pop_all()
        return servers

    @property
    def backup_url(self) -> str:
        """URL of the role that reads every row and changes none."""
        return self.postgres.backup_url

    @property
    def database_url(self) -> str:
        """URL of the application's role, which owns nothing."""
        return self.postgres.database_url

    @property
    def owner_url(self) -> str:
        """URL of the role that owns the tables; migrations alone use it."""
        return self.postgres.owner_url

    @property
    def redis_url(self) -> str:
        """URL of Valkey."""
        return self.valkey.url

    def stop(self) -> None:
        """Stop both servers and let the directory go."""
        self._halt()
        self.holder.release()

    def _halt(self) -> None:
        self.valkey.stop()
        self.postgres.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
