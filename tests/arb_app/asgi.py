"""One request to an ASGI application, without a network."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str
    cookies: list[str] = field(default_factory=list)


def _scope(kind, path, host, client, **headers):
    told = {"host": host, **headers}
    return {
        "type": kind,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "method": "GET",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", 3000),
        "client": (client, 50_000),
        "headers": [(name.encode(), value.encode()) for name, value in told.items()],
    }


async def get(app, path, *, host="localhost:3000", client="127.0.0.1", **headers) -> Answer:
    """Ask for a path and wait for the whole answer."""
    return await _answer(app, _scope("http", path, host, client, **headers), b"")


async def send(app, path, body, *, method="POST", **headers) -> Answer:
    """Send a form and wait for the whole answer."""
    form = {"content-type": "application/x-www-form-urlencoded"}
    scope = _scope("http", path, "localhost:3000", "127.0.0.1", **(form | headers))
    return await _answer(app, scope | {"method": method}, body.encode())


async def _answer(app, scope, body):
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    start = next(message for message in sent if message["type"] == "http.response.start")
    answer = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    told = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    cookies = [v.decode() for name, v in start["headers"] if name.lower() == b"set-cookie"]
    return Answer(start["status"], told, answer.decode(), cookies)


async def knock(app, path, *, host="localhost:3000") -> str:
    """Try to open a socket; return the type of the first thing the application says to it."""
    said = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        said.append(message["type"])

    await app(_scope("websocket", path, host, "127.0.0.1"), receive, send)
    return said[0]
