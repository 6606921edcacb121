"""What secures an account is changed by its member alone, who has just proved that it is them."""

from dataclasses import replace
from uuid import uuid4

import pytest

from domain.errors import NotAllowed, NotFound, ProofNeeded, Refused
from domain.factors import SECOND, Kind
from domain.plans import PlanName
from kit.settings import Settings
from services import accounts, security, sessions
from services.access import ANONYMOUS, OPERATOR, PERMISSIONS_OF, PROOF_LASTS, Permission, Role
from services.factor_policy import ONLY_ACCOUNT, FactorPolicy
from services.halfway import Throttled
from services.security import CONFIRM_WITHIN, MOST, Change
from services.work import begin
from store.keys import KeyRing, NoKeys
from tests.accounts import (
    ANN,
    BOB,
    ELSEWHERE,
    HERE,
    OTHER,
    PASSWORD,
    CheapPasswords,
    open_account,
)
from tests.factors import Person, written

pytestmark = pytest.mark.usefixtures("emptied")
LATER_S = PROOF_LASTS.total_seconds() + 1


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


@pytest.fixture
async def ann(resources):
    """A member who has just signed in."""
    await open_account(resources)
    person = Person(resources)
    await person.give_password()
    return person


def confirm(person, code):
    return person.do(security.confirm_app, code, address=HERE, written=written)


async def test_an_app_counts_only_once_it_is_confirmed(ann):
    await ann.do(security.begin_app, "phone")
    assert (await ann.do(security.look)).kinds == ()
    assert isinstance(await ann.give_password(), sessions.Granted)


async def test_the_app_is_told_who_and_where_and_a_secret_of_160_bits(ann):
    made = await ann.do(security.begin_app, "  my   phone ")
    assert made.uri.startswith("otpauth://totp/Dutchbook:ann%40example.com?secret=")
    assert len(made.key) == 32
    assert made.key in made.uri
    assert made.key not in repr(made)


async def test_adding_an_app_gives_a_new_token_ends_other_sessions_and_tells_the_member(ann):
    other = Person(ann.resources, address=ELSEWHERE)
    await other.give_password()
    old = ann.token
    await ann.set_app_up()
    assert (await ann.as_subject()).user_id
    for token in (old, other.token):
        assert await Person(ann.resources, token=token).as_subject() == ANONYMOUS
    seen = await ann.do(security.look)
    assert [app.name for app in seen.apps] == ["phone"]
    assert (seen.kinds, seen.codes_left) == ((Kind.TOTP,), 0)
    assert [kind for kind, _ in await ann.letters()] == ["factor_added"]


async def test_a_wrong_code_confirms_nothing(ann):
    await ann.do(security.begin_app, "")
    assert await confirm(ann, "000000") is None
    assert (await ann.do(security.look)).apps == ()


async def test_what_was_begun_too_long_ago_is_not_confirmed(ann):
    ann.key = (await ann.do(security.begin_app, "")).key
    ann.resources.clock.advance(CONFIRM_WITHIN.total_seconds())
    await refreshed(ann)
    with pytest.raises(NotFound):
        await confirm(ann, ann.code())


async def refreshed(person):
    """Sign in once more, since proof was long ago."""
    await person.give_password()


async def test_only_the_app_that_was_begun_last_is_confirmed(ann):
    first = (await ann.do(security.begin_app, "")).key
    second = (await ann.do(security.begin_app, "")).key
    ann.key = first
    assert await confirm(ann, ann.code()) is None
    ann.key = second
    assert await confirm(ann, ann.code())


async def test_guesses_at_a_confirmation_are_throttled(ann):
    await ann.do(security.begin_app, "")
    for _ in range(10):
        assert await confirm(ann, "000000") is None
    with pytest.raises(Throttled):
        await confirm(ann, "000000")


async def test_there_are_a_few_apps_at_most_and_each_has_a_short_name(ann):
    for _ in range(MOST):
        await ann.set_app_up()
    with pytest.raises(Refused, match="5"):
        await ann.do(security.begin_app, "")
    with pytest.raises(Refused, match="60"):
        await ann.do(security.begin_app, "x" * 61)


async def test_without_a_key_file_no_app_can_be_set_up_and_the_page_knows(ann):
    ann.resources = replace(ann.resources, keys=KeyRing())
    assert not (await ann.do(security.look)).sealable
    with pytest.raises(NoKeys, match="DUTCHBOOK_KEYS_FILE"):
        await ann.do(security.begin_app, "")


ACTS = {
    "begin_app": lambda work: security.begin_app(work, ""),
    "confirm_app": lambda work: security.confirm_app(work, "000000", address=HERE, written=written),
    "remove_app": lambda work: security.remove_app(work, uuid4(), written=written),
    "renew_codes": lambda work: security.renew_codes(work, written=written),
    "gained": lambda work: security.gained(work, Kind.TOTP, written=written),
    "lost": lambda work: security.lost(work, Kind.TOTP, written=written),
    "change_password": lambda work: security.change_password(
        work, Change(PASSWORD, OTHER, HERE), passwords=CheapPasswords(), written=written
    ),
}


@pytest.mark.parametrize("act", ACTS)
async def test_whoever_has_not_proved_it_lately_changes_nothing(ann, act):
    ann.resources.clock.advance(LATER_S)
    with pytest.raises(ProofNeeded):
        await ann.do(ACTS[act])


@pytest.mark.parametrize("act", ACTS)
async def test_a_visitor_changes_nothing(resources, act):
    with pytest.raises(NotAllowed):
        await Person(resources).do(ACTS[act])


async def test_nobody_removes_the_app_of_another(ann):
    await ann.set_app_up()
    (app,) = (await ann.do(security.look)).apps
    await open_account(ann.resources, BOB)
    bob = Person(ann.resources, BOB, ELSEWHERE)
    await bob.give_password()
    with pytest.raises(NotFound):
        await bob.do(security.remove_app, app.id, written=written)
    assert (await ann.do(security.look)).apps == (app,)


async def test_without_the_last_factor_no_recovery_code_is_left_and_the_password_is_enough(ann):
    await ann.set_app_up()
    await ann.do(security.renew_codes, written=written)
    (app,) = (await ann.do(security.look)).apps
    await ann.do(security.remove_app, app.id, written=written)
    seen = await ann.do(security.look)
    assert (seen.apps, seen.kinds, seen.codes_left) == ((), (), 0)
    assert isinstance(await ann.give_password(), sessions.Granted)
    told = {kind for kind, _ in await ann.letters()}
    assert told == {"factor_added", "recovery_made", "factor_removed"}


async def test_recovery_codes_need_a_factor_that_they_stand_in_for(ann):
    with pytest.raises(Refused, match="set one up"):
        await ann.do(security.renew_codes, written=written)


async def test_new_recovery_codes_take_the_place_of_the_old_ones(ann):
    await ann.set_app_up()
    old = await ann.do(security.renew_codes, written=written)
    new = await ann.do(security.renew_codes, written=written)
    assert not set(old) & set(new)
    step = await ann.give_password()
    assert not isinstance(await ann.give(step, "recovery", old[0]), sessions.Granted)
    assert isinstance(await ann.give(step, "recovery", new[0]), sessions.Granted)


async def test_the_password_is_changed_with_a_new_token_and_a_letter(ann):
    old = ann.token
    granted = await ann.do(ACTS["change_password"])
    assert await Person(ann.resources, token=old).as_subject() == ANONYMOUS
    assert (await Person(ann.resources, token=granted.token).as_subject()).user_id
    assert [kind for kind, _ in await ann.letters()] == ["changed"]
    assert await ann.give_password() is None
    assert await ann.give_password(password=OTHER)


async def test_the_password_is_not_changed_by_one_who_does_not_know_it(ann):
    change = Change(OTHER, OTHER, HERE)
    for _ in range(10):
        with pytest.raises(NotAllowed):
            await ann.do(
                security.change_password, change, passwords=CheapPasswords(), written=written
            )
    with pytest.raises(Throttled):
        await ann.do(security.change_password, change, passwords=CheapPasswords(), written=written)


async def test_who_lost_everything_is_helped_by_one_who_manages_accounts(ann, owner):
    await ann.set_app_up()
    await ann.do(security.renew_codes, written=written)
    async with begin(ann.resources, OPERATOR) as work:
        assert await security.forget_factors(work, ANN, written=written) == 1
    assert await ann.as_subject() == ANONYMOUS
    assert isinstance(await ann.give_password(), sessions.Granted)
    assert (await ann.do(security.look)).codes_left == 0
    act = "select actor from audit where action = 'factor.forget' order by id desc limit 1"
    assert owner.execute(act).fetchone() == ("operator",)


async def test_who_helps_has_to_prove_who_they_are_first(ann):
    await ann.set_app_up()
    await open_account(ann.resources, BOB, Role.ADMIN)
    bob = Person(ann.resources, BOB, ELSEWHERE)
    await bob.give_password()
    ann.resources.clock.advance(LATER_S)
    with pytest.raises(ProofNeeded):
        await bob.do(security.forget_factors, ANN, written=written)
    assert (await ann.give_password()).kinds == (Kind.TOTP,)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.SUPPORT, Role.ANALYST])
async def test_nobody_else_takes_the_factors_of_another_away(ann, role):
    await open_account(ann.resources, BOB, role)
    bob = Person(ann.resources, BOB, ELSEWHERE)
    await bob.give_password()
    with pytest.raises(NotAllowed):
        await bob.do(security.forget_factors, ANN, written=written)


async def test_an_admin_does_not_take_the_factors_of_an_owner_away(resources):
    await open_account(resources, ANN, Role.OWNER)
    await open_account(resources, BOB, Role.ADMIN)
    bob = Person(resources, BOB, ELSEWHERE)
    await bob.give_password()
    with pytest.raises(NotAllowed, match="above yours"):
        await bob.do(security.forget_factors, ANN, written=written)


@pytest.fixture
def strict(resources):
    return replace(resources, factor_policy=FactorPolicy(staff=True))


STAFF = [role for role in Role if role is not Role.MEMBER]


@pytest.mark.parametrize("role", STAFF)
async def test_staff_may_what_a_member_may_until_a_factor_is_proved(strict, role):
    await open_account(strict, ANN, role)
    person = Person(strict)
    granted = await person.give_password()
    assert granted.needs_factor
    before = await person.as_subject()
    assert before.permissions == PERMISSIONS_OF[Role.MEMBER]
    assert before.needs_factor
    with pytest.raises(NotAllowed):
        before.require(Permission.VIEW_ADMIN)
    await person.set_app_up()
    after = await person.as_subject()
    assert after.permissions == PERMISSIONS_OF[role]
    assert not after.needs_factor


async def test_signing_in_with_the_factor_gives_staff_what_their_role_may(strict):
    await open_account(strict, ANN, Role.OWNER)
    person = Person(strict)
    await person.give_password()
    await person.set_app_up()
    step = await person.give_password()
    granted = await person.give(step, "totp", person.code())
    assert not granted.needs_factor
    assert (await person.as_subject()).may(Permission.MANAGE_ACCOUNTS)


async def test_without_the_last_factor_staff_may_no_more_than_a_member(strict):
    await open_account(strict, ANN, Role.OWNER)
    person = Person(strict)
    await person.give_password()
    await person.set_app_up()
    (app,) = (await person.do(security.look)).apps
    await person.do(security.remove_app, app.id, written=written)
    assert (await person.as_subject()).permissions == PERMISSIONS_OF[Role.MEMBER]


async def test_a_code_by_letter_is_no_factor_of_staff():
    policy = FactorPolicy(staff=True)
    assert {k for k in Kind if policy.permissions(Role.OWNER, "free", k) > ONLY_ACCOUNT} >= SECOND
    for kind in set(Kind) - SECOND:
        assert policy.permissions(Role.OWNER, "free", kind) == PERMISSIONS_OF[Role.MEMBER]


async def test_a_plan_can_ask_for_a_factor_before_its_board_is_seen(resources):
    strict = replace(resources, factor_policy=FactorPolicy(plans=frozenset({PlanName.ENTERPRISE})))
    for email, plan in ((ANN, PlanName.ENTERPRISE), (BOB, PlanName.PRO)):
        await open_account(strict, email)
        async with begin(strict, OPERATOR) as work:
            await accounts.change_plan(work, email, plan)
    ann, bob = Person(strict), Person(strict, BOB, ELSEWHERE)
    for person in (ann, bob):
        await person.give_password()
    assert (await bob.as_subject()).permissions == PERMISSIONS_OF[Role.MEMBER]
    assert (await ann.as_subject()).permissions == ONLY_ACCOUNT
    assert (await ann.do(security.look)).must
    await ann.set_app_up()
    assert (await ann.as_subject()).permissions == PERMISSIONS_OF[Role.MEMBER]


@pytest.mark.parametrize(
    ("environment", "asked", "staff"),
    [
        ("production", None, True),
        ("production", "required", True),
        ("production", "asked", False),
        ("development", None, False),
        ("development", "required", True),
    ],
)
def test_staff_must_have_a_factor_in_production_unless_it_is_said_otherwise(
    environment, asked, staff
):
    given = Settings(environment=environment, staff_factor=asked)
    assert FactorPolicy.of(given).staff is staff


def test_plans_that_ask_for_a_factor_are_a_setting_and_none_unless_set(monkeypatch):
    assert FactorPolicy.of(Settings()).plans == frozenset()
    monkeypatch.setenv("DUTCHBOOK_FACTOR_PLANS", "pro, enterprise")
    assert FactorPolicy.of(Settings()).plans == {PlanName.PRO, PlanName.ENTERPRISE}
