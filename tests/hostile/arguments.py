"""What hostile programs send: every event of the product, and arguments that no page would send."""

import inspect
import json
from collections.abc import Iterator
from typing import Any

import reflex as rx
from reflex_base.registry import RegistrationContext
from reflex_base.utils.format import json_dumps

from arb_app.gate import door_of
from arb_app.pages import PAGES
from services.access import PUBLIC

DEEP: list[Any] = []
for _ in range(200):
    DEEP = [DEEP]

VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1,
    2**31,
    2**63,
    10**300,
    float("nan"),
    float("inf"),
    -float("inf"),
    1e308,
    "",
    " ",
    "0",
    "nan",
    "Infinity",
    "1e999",
    "٣",
    "x" * 50_000,
    "'; DROP TABLE accounts; --",
    "' OR '1'='1",
    "%' ESCAPE '",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}${7*7}{0.__class__}%s%n",
    "../../../../etc/passwd",
    "..%2f..%2f\\..\\",
    "file:///etc/passwd",
    "//evil.example/",
    "__class__",
    "__dict__",
    "_reset",
    "reset",
    "\0",
    "a\0b",
    "\r\nSet-Cookie: dutchbook=1",
    "\ud800",
    "\u202e\u2066evil\u200b",
    "é" + "\u0301" * 500,
    "\U0001f600" * 300,
    [],
    {},
    [[]],
    [None] * 1_000,
    ["a", 1, None, {"b": []}],
    {"": ""},
    {"a": {"b": None}},
    {"__proto__": {"x": 1}, "constructor": 1},
    {"page": [1], "key": {"$ne": None}, "name": True, "value": -1},
    {str(n): n for n in range(500)},
    DEEP,
)
PACKETS: tuple[str | bytes, ...] = (
    "4",
    "40",
    "40/",
    "40/,",
    "40/_event",
    "40/nowhere,",
    '40/_event,{"event":',
    "40/_event,[[[",
    "41/_event,",
    "42",
    "42/_event",
    "42/_event,",
    '42/_event,["event"]',
    '42/_event,["event",',
    '42/_event,{"a":1}',
    "42/_event,[]",
    "42/_event,[null]",
    '42/_event,["__init__",1]',
    '42/_event,["connect",{}]',
    '42/_event,["disconnect"]',
    '42/_event,["on_event",{}]',
    '42/_event,["client_error",{"message":"' + "x" * 20_000 + '"}]',
    '42/_event,["client_error"]',
    '42/_event,99999999999999999999["event",{}]',
    '42/_event,7["ping"]',
    "43/_event,7[]",
    "44/_event,1",
    '45/_event,1-["event",{"_placeholder":true,"num":0}]',
    '451-/_event,["x",{"_placeholder":true,"num":9}]',
    "4599999-[]",
    "4510-/_event,[]",
    "46",
    "49",
    "0{}",
    "1",
    "2probe",
    "3",
    "5",
    "6",
    "7",
    "9",
    "b" + "A" * 99,
    "",
    " ",
    "\0",
    "\ud7ff",
    "2" * 5_000,
    "4" * 5_000,
    '42/_event,["event",' + "[" * 100_000,
    '42/_event,["event",' + '{"a":' * 30_000,
    '42/_event,["event",' + "9" * 50_000 + "]",
    '42/_event,["event",{"name":"\\ud800"}]',
    b"",
    b"\x00\xff",
    b"4" * 1_000,
    bytes(70_000),
    b"bAAAA",
)
FORGED: tuple[dict[str, Any], ...] = (
    {"room": "enterprise", "plan": "enterprise", "league": "", "view": {"plan": "pro"}},
    {"self": None, "state": {}, "cls": "x", "session_id": "1", "token_hash": "x"},
    {"args": [1, 2], "kwargs": {"a": 1}},
    {"__class__": "x", "_user": "owner"},
)
ROUTERS: tuple[Any, ...] = (
    {"headers": {"cookie": "dutchbook=1"}, "sid": "1", "token": "t", "ip": "127.0.0.1"},
    {"session": {"client_token": "x", "session_id": "y"}, "query": {"id": ["a", {}]}},
    {"pathname": 7, "asPath": None, "query": "x"},
    {"pathname": "/admin/sources", "asPath": "/admin/sources", "query": {"plan": "pro"}},
    {"pathname": "/board/" + "a" * 9_000, "asPath": "/board/../../x"},
    {"pathname": "/../../../etc/passwd\0", "asPath": "//evil.example"},
    [],
    "x",
    None,
)


def events() -> dict[str, list[str]]:
    """Return every registered event, Reflex's own included, with the names of its arguments."""
    assert PAGES
    found = {}
    for name, registered in sorted(RegistrationContext.get().event_handlers.items()):
        parameters = inspect.signature(registered.handler.fn).parameters
        found[name] = [each for each in parameters if each not in ("self", "state")]
    return found


def guarded_states() -> frozenset[str]:
    """Return the states some of whose events are not for everybody: their vars are neither."""
    found: set[str] = set()
    for name, registered in RegistrationContext.get().event_handlers.items():
        door = door_of(registered.handler.fn)
        if door and door.permission not in PUBLIC:
            found.add(name.rpartition(".")[0])
    return frozenset(found)


def defaults() -> dict[str, dict[str, Any]]:
    """Return what the vars of every state are before anything has happened."""
    return json.loads(json_dumps(rx.State(_reflex_internal_init=True).dict(initial=True)))


def payloads(parameters: list[str]) -> Iterator[dict[str, Any]]:
    """Return what an event is sent: each hostile value for all of its arguments, and forgeries."""
    yield from ({}, *FORGED)
    names = list(parameters)
    if names:
        for value in VALUES:
            yield dict.fromkeys(names, value)
        yield {names[0]: 1}
        yield dict.fromkeys(names, 1) | FORGED[0]


def strange_events(names: list[str]) -> Iterator[Any]:
    """Return what is hardly an event, and state machinery addressed by name."""
    some = names[0]
    state = some.rpartition(".")[0]
    for name in (
        f"{state}.__init__",
        f"{state}.reset",
        f"{state}._reset_client_storage",
        f"{state}.get_state",
        "os.system",
        "..",
        "",
        "x" * 50_000,
        "_call_script",
        "_redirect",
        "\ud800",
        7,
        None,
        [],
        {},
    ):
        yield {"name": name, "payload": {}}
    for payload in ([], "x", None, 7, [[1]], {"vars": "x"}):
        yield {"name": some, "payload": payload}
    for router in ROUTERS:
        yield {"name": some, "payload": {}, "router_data": router}
    yield from ({}, [], "text", "{", None, 7, {"token": "x"}, {"name": some, "token": "other"})


def reaching(states: list[str]) -> Iterator[dict[str, Any]]:
    """Return arguments of Reflex's own events that name vars of ours."""
    for state in states:
        for var in ("message_rx_state_", "email_rx_state_", "staff", "rows_rx_state_", "__class__"):
            yield {"vars": {f"{state}.{var}": [1]}}
    yield {"vars": {"no.such.state.var": 1}}
    yield {"vars": {"": 1, "x": 1, ".": 1}}
    yield {"vars": {"reflex___state____state.is_hydrated": "x"}}
    yield {"vars": [], "hashes": {}}
    yield {"hashes": ["x"] * 1_000}
    yield {"hashes": [None, {}, 1]}
    yield {"hashes": "x" * 10_000}
