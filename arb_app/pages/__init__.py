"""The table of pages: route, what it shows, and what happens when it is opened."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import reflex as rx

from arb_app.components.breaks import behind, is_shut_at_times
from arb_app.pages.account import account
from arb_app.pages.account_data import account_data
from arb_app.pages.admin import admin
from arb_app.pages.admin_audit import admin_audit
from arb_app.pages.admin_flags import admin_flags
from arb_app.pages.admin_gallery import admin_gallery
from arb_app.pages.admin_health import admin_health
from arb_app.pages.admin_jobs import admin_jobs
from arb_app.pages.admin_keys import admin_keys
from arb_app.pages.admin_limits import admin_limits
from arb_app.pages.admin_mail import admin_mail
from arb_app.pages.admin_matching import admin_matching
from arb_app.pages.admin_member import admin_member
from arb_app.pages.admin_members import admin_members, admin_sessions
from arb_app.pages.admin_quality import admin_quality
from arb_app.pages.admin_risk import admin_risk
from arb_app.pages.admin_sources import admin_sources
from arb_app.pages.board import board
from arb_app.pages.breaks import breaks
from arb_app.pages.calculator import calculator
from arb_app.pages.history import history
from arb_app.pages.home import home
from arb_app.pages.joining import come_back, confirm, forgot, keep, move, register, reset
from arb_app.pages.legal import cookies_, privacy, responsible, terms
from arb_app.pages.login import login
from arb_app.pages.middles import middles
from arb_app.pages.not_found import not_found
from arb_app.pages.offline import offline
from arb_app.pages.opportunity import opportunity
from arb_app.pages.pricing import pricing
from arb_app.pages.second_step import prove, step
from arb_app.pages.security import security
from arb_app.pages.sessions import sessions
from arb_app.pages.status import status
from arb_app.pages.value import low_hold, value
from arb_app.state.account_data import AccountDataState
from arb_app.state.admin import AdminState
from arb_app.state.admin_audit import AdminAuditState
from arb_app.state.admin_door import AdminDoorState
from arb_app.state.admin_flags import AdminFlagsState
from arb_app.state.admin_health import AdminHealthState
from arb_app.state.admin_jobs import AdminJobsState
from arb_app.state.admin_keys import AdminKeysState
from arb_app.state.admin_limits import AdminLimitsState
from arb_app.state.admin_mail import AdminMailState
from arb_app.state.admin_matching import AdminMatchingState
from arb_app.state.admin_member import AdminMemberState
from arb_app.state.admin_members import AdminMembersState, AdminSessionsState
from arb_app.state.admin_quality import AdminQualityState
from arb_app.state.admin_risk import AdminRiskState
from arb_app.state.admin_sources import AdminSourcesState
from arb_app.state.board import BoardState
from arb_app.state.breaks import BreaksState
from arb_app.state.calculator import CalculatorState
from arb_app.state.gallery import GalleryState
from arb_app.state.history import HistoryState
from arb_app.state.legal import LegalState
from arb_app.state.opportunity import OpportunityState
from arb_app.state.opportunity_beside import BesideState
from arb_app.state.opportunity_rescue import RescueState
from arb_app.state.opportunity_share import ShareState
from arb_app.state.security import SecurityState
from arb_app.state.sessions import SessionsState
from arb_app.state.settings import SettingsState
from arb_app.state.status import StatusState
from arb_app.state.ways import WaysState
from arb_app.words import later as say  # the table is one for all languages


class Page(NamedTuple):
    """One page; its title and description are said when it is written, in its language."""

    route: str
    show: Callable[[], rx.Component]
    title: Callable[[], str]
    description: Callable[[], str]
    on_load: Sequence[Any] = ()


def _guarded(page: Page) -> Page:
    """Return the page as it is shown: behind breaks, limits and the question of age, if it is."""
    if not is_shut_at_times(page.route):
        return page
    return page._replace(show=behind(page.show), on_load=[BreaksState.look, *page.on_load])


_TABLE: Final = (
    Page("/", home, say("product.promise"), say("home.lede")),
    Page("/board", board, say("board.title"), say("board.description"), [BoardState.join]),
    Page(
        "/board/[opportunity]",
        opportunity,
        say("opportunity.proof"),
        say("board.description"),
        [OpportunityState.open, BesideState.follow, RescueState.close, ShareState.clear],
    ),
    Page(
        "/middles",
        middles,
        say("kind.middle.title"),
        say("kind.middle.description"),
        [BoardState.join],
    ),
    Page(
        "/value", value, say("kind.value.title"), say("kind.value.description"), [BoardState.join]
    ),
    Page(
        "/low-hold",
        low_hold,
        say("kind.low_hold.title"),
        say("kind.low_hold.description"),
        [BoardState.join],
    ),
    Page(
        "/history/[event]",
        history,
        say("history.title"),
        say("history.description"),
        [HistoryState.open],
    ),
    Page(
        "/calculator",
        calculator,
        say("calculator.title"),
        say("calculator.lede"),
        [CalculatorState.open],
    ),
    Page("/status", status, say("status.title"), say("status.lede"), [StatusState.live]),
    Page("/offline", offline, say("offline.title"), say("offline.text")),
    Page(
        "/admin/sources",
        admin_sources,
        say("admin.sources.title"),
        say("admin.sources.description"),
        [AdminDoorState.knock_for_sources, AdminSourcesState.live],
    ),
    Page(
        "/admin/matching",
        admin_matching,
        say("matching.title"),
        say("matching.description"),
        [AdminMatchingState.open],
    ),
    Page(
        "/admin/quality",
        admin_quality,
        say("quality.title"),
        say("quality.description"),
        [AdminQualityState.open],
    ),
    Page("/pricing", pricing, say("pricing.title"), say("pricing.lede")),
    Page(
        "/account/breaks",
        breaks,
        say("breaks.title"),
        say("breaks.description"),
        [BreaksState.look],
    ),
    Page("/legal/terms", terms, say("legal.terms.title"), say("legal.terms.lede")),
    *(
        Page(
            route,
            privacy,
            say("legal.privacy.title"),
            say("legal.privacy.lede"),
            [LegalState.open],
        )
        for route in ("/legal/privacy", "/privacy")
    ),
    Page("/legal/cookies", cookies_, say("legal.cookies.title"), say("legal.cookies.lede")),
    Page(
        "/legal/responsible",
        responsible,
        say("legal.responsible.title"),
        say("legal.responsible.lede"),
    ),
    Page(
        "/admin/gallery",
        admin_gallery,
        say("gallery.title"),
        say("gallery.lede"),
        [GalleryState.furnish, BoardState.join],
    ),
    Page(
        "/account",
        account,
        say("settings.title"),
        say("settings.description"),
        [SettingsState.open],
    ),
    Page(
        "/admin/audit",
        admin_audit,
        say("audit.title"),
        say("audit.description"),
        [AdminAuditState.open],
    ),
    Page(
        "/account/sessions",
        sessions,
        say("sessions.title"),
        say("sessions.description"),
        [SessionsState.open],
    ),
    Page(
        "/admin/risk",
        admin_risk,
        say("risk.title"),
        say("risk.description"),
        [AdminRiskState.open],
    ),
    Page(
        "/admin/keys",
        admin_keys,
        say("keys.title"),
        say("keys.description"),
        [AdminKeysState.open],
    ),
    Page("/login", login, say("door.login.title"), say("login.description")),
    Page(
        "/login/step",
        step,
        say("door.step.title"),
        say("door.step.description"),
        [WaysState.look_for_step],
    ),
    Page(
        "/account/prove",
        prove,
        say("door.prove.title"),
        say("door.prove.lede"),
        [WaysState.look_to_prove],
    ),
    Page(
        "/account/security",
        security,
        say("security.title"),
        say("security.description"),
        [SecurityState.open],
    ),
    Page("/register", register, say("door.register.title"), say("door.register.lede")),
    Page("/confirm", confirm, say("door.confirm.title"), say("door.confirm.lede")),
    Page("/forgot", forgot, say("door.forgot.title"), say("door.forgot.lede")),
    Page("/reset", reset, say("door.reset.title"), say("door.reset.lede")),
    Page(
        "/admin/mail",
        admin_mail,
        say("mail.title"),
        say("mail.description"),
        [AdminMailState.open],
    ),
    Page(
        "/admin/jobs",
        admin_jobs,
        say("jobs.title"),
        say("jobs.description"),
        [AdminJobsState.live],
    ),
    Page(
        "/admin/flags",
        admin_flags,
        say("flags.title"),
        say("flags.description"),
        [AdminFlagsState.open],
    ),
    Page(
        "/admin/health",
        admin_health,
        say("health.title"),
        say("health.description"),
        [AdminHealthState.live],
    ),
    Page("/move", move, say("door.move.title"), say("door.move.lede")),
    Page("/keep", keep, say("door.keep.title"), say("door.keep.lede")),
    Page("/come-back", come_back, say("door.come-back.title"), say("door.come-back.lede")),
    Page(
        "/account/data",
        account_data,
        say("data.title"),
        say("data.description"),
        [AccountDataState.open],
    ),
    Page(
        "/admin/members",
        admin_members,
        say("members.title"),
        say("members.lede"),
        [AdminMembersState.open],
    ),
    Page(
        "/admin/members/[member]",
        admin_member,
        say("member.title"),
        say("members.lede"),
        [AdminMemberState.open],
    ),
    Page(
        "/admin/sessions",
        admin_sessions,
        say("live.title"),
        say("live.lede"),
        [AdminSessionsState.open],
    ),
    Page(
        "/admin/limits",
        admin_limits,
        say("limits.title"),
        say("limits.description"),
        [AdminLimitsState.open],
    ),
    Page("/admin", admin, say("admin.title"), say("admin.lede"), [AdminState.open]),
    Page("404", not_found, say("missing.title"), say("missing.text")),
)
PAGES: Final = tuple(map(_guarded, _TABLE))
