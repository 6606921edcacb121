"""What members chose: theirs alone, the same on every device, gone with their account."""

import pytest
import sqlalchemy as sa

from domain.errors import NotAllowed
from domain.odds_formats import OddsFormat
from domain.preferences import Language, Preferences
from services import preferences
from services.access import ANONYMOUS
from services.work import begin
from tests.accounts import ANN, BOB, open_account

pytestmark = pytest.mark.usefixtures("emptied")

SPANISH = Preferences(language=Language.SPANISH, zone="Europe/Madrid")
AMERICAN = Preferences(odds=OddsFormat.AMERICAN)


async def kept(resources, subject):
    async with begin(resources, subject) as work:
        return await preferences.kept(work)


async def keep(resources, subject, chosen):
    async with begin(resources, subject) as work:
        await preferences.keep(work, chosen)


async def test_what_was_chosen_last_is_kept_for_each_member_alone(resources):
    ann, bob = await open_account(resources, ANN), await open_account(resources, BOB)
    assert await kept(resources, ann) is None
    await keep(resources, ann, AMERICAN)
    await keep(resources, ann, SPANISH)
    await keep(resources, bob, Preferences())
    assert await kept(resources, ann) == SPANISH
    assert await kept(resources, bob) == Preferences()


async def test_a_visitor_has_no_account_to_keep_anything_at(resources):
    with pytest.raises(NotAllowed):
        await keep(resources, ANONYMOUS, SPANISH)
    with pytest.raises(NotAllowed):
        await kept(resources, ANONYMOUS)


async def test_no_member_can_read_or_write_what_another_chose(resources):
    ann, bob = await open_account(resources, ANN), await open_account(resources, BOB)
    await keep(resources, ann, SPANISH)
    async with begin(resources, bob) as work:
        rows = await work.db.execute(sa.text("select * from member_settings"))
        assert rows.all() == []
        changed = await work.db.execute(
            sa.text("update member_settings set chosen = '' returning user_id")
        )
        assert changed.all() == []


async def test_choices_go_with_the_account(resources, owner):
    ann = await open_account(resources, ANN)
    await keep(resources, ann, SPANISH)
    owner.execute("delete from accounts where id = %s", [ann.user_id])
    assert owner.execute("select count(*) from member_settings").fetchone() == (0,)
