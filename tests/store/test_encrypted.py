"""TLS to PostgreSQL and Valkey: real handshakes, and production that refuses to do without."""

import asyncio
import os
import shutil
import ssl
import subprocess
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import sqlalchemy as sa

from domain.errors import Refused, Unavailable
from kit.ids import fresh
from kit.settings import Settings
from store.cache import Cache
from store.db import Database
from store.embedded import free_port
from store.encrypted import require_encryption
from store.lease import lease
from tests.certificates import Authority

SAFE_DATABASE = "postgresql://a:b@db.example/x?sslmode=verify-full&sslrootcert=/ca.crt"
SAFE_CACHE = "rediss://:p@cache.example:6379/0?ssl_ca_certs=/ca.crt"
DEBIAN = Path("/usr/lib/postgresql/15/bin")


def production(database=SAFE_DATABASE, cache=SAFE_CACHE, **more):
    return Settings(environment="production", database_url=database, redis_url=cache, **more)


@pytest.mark.parametrize(
    "database",
    [
        SAFE_DATABASE, "postgresql://a:b@127.0.0.1/x", "postgresql://a:b@[::1]/x",
        "postgresql://a:b@localhost/x", "postgresql:///x?host=/run/postgresql",
        "postgresql://a:b@db1.example,db2.example/x?sslmode=verify-full",
    ],
)  # fmt: skip
def test_what_is_here_or_checked_by_name_is_let_through(database):
    require_encryption(production(database))


@pytest.mark.parametrize(
    "database",
    [
        "postgresql://a:b@db.example/x", "postgresql://a:b@db.example/x?sslmode=require",
        "postgresql://a:b@db.example/x?sslmode=verify-ca", "postgresql:///x?host=db.example",
        "postgresql://a:b@127.0.0.1/x?host=db.example", "postgresql://a:b@10.0.0.1/x",
        "postgresql://a:b@localhost/x?hostaddr=10.0.0.1",
        "postgresql:///x?host=/run/postgresql,db.example",
    ],
)  # fmt: skip
def test_production_does_not_speak_to_postgresql_elsewhere_in_the_clear(database):
    with pytest.raises(Refused, match="DATABASE_URL needs") as told:
        require_encryption(production(database))
    assert "a:b" not in str(told.value)
    with pytest.raises(Refused, match="DATABASE_OWNER_URL"):
        require_encryption(production(database_owner_url=database))
    require_encryption(production(database, allow_plaintext=True))
    require_encryption(Settings(database_url=database))


@pytest.mark.parametrize(
    ("cache", "safe"),
    [
        (SAFE_CACHE, True), ("redis://127.0.0.1:1/0", True), ("unix:///run/valkey", True),
        ("redis://cache.example/0", False), ("rediss://cache.example?ssl_cert_reqs=none", False),
        ("rediss://cache.example?ssl_check_hostname=False", False),
    ],
)  # fmt: skip
def test_production_does_not_speak_to_valkey_elsewhere_in_the_clear(cache, safe):
    if safe:
        require_encryption(production(cache=cache))
    else:
        with pytest.raises(Refused, match="rediss://"):
            require_encryption(production(cache=cache))


def test_production_does_not_mirror_history_elsewhere_in_the_clear():
    for url in ("https://influx.example/api/v2/write", "http://127.0.0.1:8086/api/v2/write"):
        require_encryption(production(influx_url=url))
    with pytest.raises(Refused, match="DUTCHBOOK_INFLUX_URL"):
        require_encryption(production(influx_url="http://influx.example/api/v2/write"))


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("other"))


@asynccontextmanager
async def tls_in_front(port, certificate, key):
    """Yield a port where TLS is spoken, and handed on to another in the clear."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def carry(reader, writer):
        with suppress(OSError):
            while some := await reader.read(65536):
                writer.write(some)
                await writer.drain()
        writer.close()

    async def both(reader, writer):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, inner_writer), carry(inner_reader, writer))

    server = await asyncio.start_server(both, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def rediss(servers, port, ca):
    parts = urlsplit(servers.redis_url)
    return f"rediss://:{parts.password}@127.0.0.1:{port}/0?ssl_ca_certs={ca}"


async def test_valkey_is_spoken_to_within_tls_and_its_certificate_checked(
    servers, authority, other
):
    port = urlsplit(servers.redis_url).port
    async with tls_in_front(port, *authority.server("valkey")) as door:
        cache = await Cache.open(rediss(servers, door, authority.ca), namespace=fresh("tls-"))
        await cache.ping()
        await cache.close()
        with pytest.raises(Unavailable):
            await Cache.open(rediss(servers, door, other.ca), namespace="tls")
        plain = servers.redis_url.replace(f":{port}/", f":{door}/")
        with pytest.raises(Unavailable):
            await Cache.open(plain, namespace="tls")


async def test_valkeys_certificate_is_to_bear_its_name(servers, authority):
    from cryptography import x509

    elsewhere = x509.SubjectAlternativeName([x509.DNSName("elsewhere.example")])
    port = urlsplit(servers.redis_url).port
    async with tls_in_front(port, *authority.server("elsewhere", names=elsewhere)) as door:
        with pytest.raises(Unavailable):
            await Cache.open(rediss(servers, door, authority.ca), namespace="tls")


@pytest.fixture(scope="module")
def postgres(tmp_path_factory, authority):
    """Debian's PostgreSQL with TLS and nothing else, as the account `postgres` or our own."""
    if not (DEBIAN / "initdb").exists():
        pytest.skip("Debian's PostgreSQL 15 is not installed: the wheel's is built without TLS")
    folder = tmp_path_factory.mktemp("postgres")
    data, port = folder / "data", free_port()
    crt, key = authority.server("postgres")
    for each in (crt, key):
        shutil.copy(each, folder)
    (folder / "hba").write_text("hostssl all all 127.0.0.1/32 trust\n")
    run = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if os.geteuid() == 0:
        if subprocess.run(["id", "postgres"], check=False, capture_output=True).returncode:
            pytest.skip("PostgreSQL refuses root, and there is no account `postgres`")
        for each in (folder, *folder.iterdir()):
            shutil.chown(each, "postgres", "postgres")
        for each in folder.parents[:2]:
            each.chmod(0o755)
        run |= {"user": "postgres", "group": "postgres", "extra_groups": []}
    subprocess.run([DEBIAN / "initdb", "-D", data, "-U", "tester", "--no-sync"], check=True, **run)
    options = {
        "ssl": "on", "ssl_cert_file": folder / crt.name, "ssl_key_file": folder / key.name,
        "hba_file": folder / "hba", "listen_addresses": "127.0.0.1", "port": port,
        "unix_socket_directories": "", "fsync": "off",
    }  # fmt: skip
    command = [DEBIAN / "postgres", "-D", data]
    command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    server = subprocess.Popen(command, **run)
    try:
        url = f"postgresql://tester@127.0.0.1:{port}/postgres"
        _await(f"{url}?sslmode=require")
        yield url
    finally:
        server.terminate()
        server.wait()


def _await(url):
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


@pytest.mark.slow
async def test_postgresql_is_spoken_to_within_tls_and_its_certificate_checked(
    postgres, authority, other
):
    url = f"{postgres}?sslmode=verify-full&sslrootcert={authority.ca}"
    database = await Database.open(url, application="tls")
    asked = sa.text("select version from pg_stat_ssl where pid = pg_backend_pid()")
    async with database.begin() as db:
        assert (await db.scalar(asked)).startswith("TLSv1.")
    await database.close()
    async with lease(url, "tls"):
        pass
    for wrong in (
        f"?sslmode=verify-full&sslrootcert={other.ca}",
        "?sslmode=disable",
    ):
        with pytest.raises(Unavailable):
            await Database.open(postgres + wrong, application="tls")
