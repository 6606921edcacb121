"""PostgreSQL and Valkey on one machine: their programs come from wheels, their care from here."""

from store.embedded.guarded import Guarded, Program
from store.embedded.holder import Held, Holder
from store.embedded.ports import free_port, is_free
from store.embedded.postgres import Postgres
from store.embedded.servers import Servers
from store.embedded.valkey import Valkey

__all__ = [
    "Guarded",
    "Held",
    "Holder",
    "Postgres",
    "Program",
    "Servers",
    "Valkey",
    "free_port",
    "is_free",
]
