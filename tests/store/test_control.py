"""What the store keeps of control: credentials, switches, alerts, and the control room."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from domain.alerts import Alert, AlertCode
from domain.control import Happened, Happening, StoredPart, Switch, Trial, TrialAsked, TrialOutcome
from store import alerts, control_room, credentials
from store.credentials_opened import opened
from store.keys import KeyRing
from store.switches import save_switch, switches
from store.tables import CredentialRow
from tests.facts import NOON

RING = KeyRing().renewed()


async def put(db, part="key", text="s3cret", ring=RING, source="vendor"):
    await credentials.put(db, ring, source, part, text, actor="the admin", at=NOON)


async def test_a_credential_is_listed_without_its_value_and_opened_with_it(db):
    await put(db, text="old")
    await put(db)
    assert await credentials.listed(db) == [
        StoredPart(source="vendor", part="key", set_at=NOON, set_by="the admin")
    ]
    assert (await opened(db, RING)).parts == {"vendor": {"key": "s3cret"}}
    assert "s3cret" not in f"{await opened(db, RING)}"


async def test_what_does_not_open_is_named_and_the_rest_still_opens(db):
    await put(db, "key")
    await put(db, "secret", ring=KeyRing().renewed())
    found = await opened(db, RING)
    assert (found.parts, found.unreadable) == (
        {"vendor": {"key": "s3cret"}},
        {"vendor": ["secret"]},
    )


async def test_a_sealed_value_that_was_moved_to_another_row_does_not_open(db):
    await put(db)
    row = await db.get(CredentialRow, ("vendor", "key"))
    moved = {"part": "secret", "sealed": row.sealed, "set_at": row.set_at, "set_by": row.set_by}
    db.add(CredentialRow(source="vendor", **moved))
    await db.flush()
    assert (await opened(db, RING)).unreadable == {"vendor": ["secret"]}


async def test_the_table_takes_no_value_that_is_not_sealed(db):
    db.add(CredentialRow(source="a", part="b", sealed="s3cret", set_at=NOON, set_by="x"))
    with pytest.raises(IntegrityError, match="ck_source_credentials_is_sealed"):
        await db.flush()


async def test_a_cleared_credential_is_gone(db):
    await put(db)
    assert await credentials.clear(db, "vendor", "key")
    assert not await credentials.clear(db, "vendor", "key")
    assert await credentials.listed(db) == []


async def test_the_last_decision_about_a_source_counts(db):
    off = Switch(source="vendor", enabled=False, at=NOON, by="the admin", why="too dear")
    await save_switch(db, off)
    assert await switches(db) == {"vendor": off}
    on = Switch(source="vendor", enabled=True, at=NOON, by="another")
    await save_switch(db, on)
    assert await switches(db) == {"vendor": on}


async def test_an_alert_is_open_once_and_again_after_it_was_closed(db):
    alert = Alert(subject="vendor", code=AlertCode.SILENT, sentence="Hush.", opened_at=NOON)
    assert await alerts.open_alert(db, alert)
    assert not await alerts.open_alert(db, alert)
    assert await alerts.open_alerts(db) == [alert]
    later = NOON + timedelta(minutes=1)
    assert await alerts.close_alert(db, "vendor", AlertCode.SILENT, later)
    assert not await alerts.close_alert(db, "vendor", AlertCode.SILENT, later)
    assert await alerts.open_alerts(db) == []
    assert await alerts.open_alert(db, alert)
    assert await alerts.forget_closed_before(db, later) == 0
    assert await alerts.forget_closed_before(db, later + timedelta(seconds=1)) == 1
    assert await alerts.open_alerts(db) == [alert]


async def test_a_log_keeps_its_last_fifty_lines(cache):
    for number in range(60):
        line = Happening(at=NOON, what=Happened.FAILED, text=f"{number}")
        await control_room.note(cache, "vendor", [line])
    told = [line.text for line in await control_room.happenings(cache, "vendor")]
    assert told == [f"{number}" for number in range(59, 9, -1)]
    assert await control_room.happenings(cache, "other") == []


async def test_a_trial_is_given_to_one_worker_that_follows_the_source(cache):
    asked = TrialAsked(id="1", source="vendor", by="the admin", at=NOON)
    await control_room.ask_trial(cache, asked)
    assert await control_room.take_trials(cache, []) == []
    assert await control_room.take_trials(cache, ["other"]) == []
    assert await control_room.take_trials(cache, ["other", "vendor"]) == [asked]
    assert await control_room.take_trials(cache, ["other", "vendor"]) == []
    done = Trial(asked=asked, outcome=TrialOutcome.FAILED, took_s=1.0, sentence="no")
    await control_room.put_trial(cache, done)
    assert await control_room.trial(cache, "vendor") == done
