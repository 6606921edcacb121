"""One member: what they are, what may be done, and what they see if they let support look."""

from collections.abc import Iterable

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.buttons import press
from arb_app.components.fields import choice, options, text_field
from arb_app.components.guard import admin_only
from arb_app.components.layout import button_link, page
from arb_app.components.memo import memo
from arb_app.components.notice import empty, notice, toned_chip
from arb_app.components.sheet import sheet
from arb_app.components.when import local_time
from arb_app.state.admin_member import ACTS, SeenLine
from arb_app.state.admin_member import AdminMemberState as State
from arb_app.words import say
from domain.plans import PlanName
from services.access import Role


def admin_member() -> rx.Component:
    """Return the page; it begins with `AdminMemberState.open`."""
    found = rx.el.div(
        rx.cond(State.told != "", notice(State.told, "plain")),
        _facts(),
        rx.cond(State.may.length() > 0, _acts()),
        _look(),
        class_name="data-sections",
    )
    back = rx.el.div(button_link(say("members.title"), "/admin/members", quiet=True))
    missing = empty(say("member.missing.title"), say("member.missing.text"), back, drawn="shield")
    content = rx.cond(State.phase == "missing", missing, admin_only(found, State.phase))
    return page(say("member.title"), sheet("review"), sheet("data"), content, active="admin")


def _facts() -> rx.Component:
    member = State.member
    facts = (
        ("email", member.email),
        ("role", member.role),
        ("plan", member.plan),
        ("since", local_time(member.created_at)),
        ("id", rx.el.span(member.key, class_name="said")),
    )
    return rx.el.section(
        rx.el.p(toned_chip(member.state, member.tone), class_name="chips"),
        rx.el.dl(
            *(
                rx.el.div(
                    rx.el.dt(say(f"member.fact.{name}"), class_name="small muted"), rx.el.dd(shown)
                )
                for name, shown in facts
            ),
            class_name="data-facts",
        ),
        aria_label=say("member.title"),
        class_name="card card-pad data-section",
        data_testid="member-facts",
    )


def _acts() -> rx.Component:
    choose = rx.el.div(
        *(
            rx.cond(
                State.may.contains(act),
                press(say(f"member.{act}"), State.ask(act)),
            )
            for act in ACTS
        ),
        class_name="admin-buttons buttons",
    )
    asked = rx.match(State.asking, *((act, _sure(act)) for act in ACTS), choose)
    return rx.el.section(
        rx.el.h2(say("member.acts"), class_name="section-title"),
        asked,
        class_name="card card-pad data-section",
        data_testid="member-acts",
    )


def _sure(act: str) -> rx.Component:
    """Return the form that asks again: what comes of it, what is to be chosen, yes or no."""
    return rx.el.form(
        rx.el.div(rx.el.p(rx.el.strong(say(f"member.{act}"))), rx.el.p(say(f"member.{act}.sure"))),
        *_asked_for(act),
        rx.el.div(
            rx.el.button(say("member.yes"), type="submit", class_name="button"),
            press(say("member.cancel"), State.ask("")),
            class_name="buttons data-buttons",
        ),
        on_submit=State.act,
        class_name="data-form",
        data_testid="sure",
    )


def _asked_for(act: str) -> list[rx.Component]:
    match act:
        case "plan":
            plans = [each for each in PlanName if each is not PlanName.ANONYMOUS]
            return [
                _choice("plan", ((each.value, say(f"pricing.{each}")) for each in plans)),
                _text("league", say("member.league.hint")),
            ]
        case "role":
            return [_choice("role", ((each.value, say(f"role.{each}")) for each in Role))]
        case "erase":
            return [_text("typed", State.member.email)]
        case _:
            return []


def _choice(name: str, named: Iterable[tuple[str, str]]) -> rx.Component:
    return choice(say(f"member.fact.{name}"), *options(named), name=name)


def _text(name: str, hint: str | rx.Var) -> rx.Component:
    attrs = {"autoCapitalize": "none", "spellCheck": "false"}
    return text_field(
        say(f"member.fact.{name}"),
        name,
        "text",
        hint,
        auto_complete="off",
        max_length=254,
        custom_attrs=attrs,
    )


def _look() -> rx.Component:
    button = press(say("member.look"), State.look, quiet=False)
    given = rx.fragment(
        rx.el.p(
            say("member.granted"), " ", local_time(State.grant.ends_at), " · ", State.grant.reason
        ),
        rx.el.p(say("member.look.text"), class_name="small muted"),
        rx.el.div(button),
    )
    nothing = rx.el.p(say("member.not_granted"), class_name="muted")
    seen = rx.el.dl(
        rx.foreach(State.seen, lambda line: _seen(line=line)),
        class_name="data-facts",
        data_testid="seen",
    )
    return rx.el.section(
        rx.el.h2(say("member.view"), class_name="section-title"),
        rx.cond(State.granted, given, nothing),
        rx.cond(State.seen.length() > 0, seen),
        class_name="card card-pad data-section",
        data_testid="member-look",
    )


@memo
def _seen(line: ObjectVar[SeenLine]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(line.name, class_name="small muted"),
        rx.el.dd(line.text, class_name="entry-lines"),
    )
