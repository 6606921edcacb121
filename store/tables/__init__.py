"""Tables, and the decisions none may be without: how long it is kept, what the application may."""

from store.tables.accounts import AccountRow, SessionRow, SettingsRow
from store.tables.base import METADATA
from store.tables.breaks import BreakRow, LimitsRow
from store.tables.control import AlertRow, CredentialRow, SwitchRow
from store.tables.devices import DeviceRow, RiskEventRow
from store.tables.factors import FactorRow, RecoveryRow, StepRow
from store.tables.machinery import FlagChangeRow, FlagRow, PauseRow, RunRow
from store.tables.mail import CodeRow, LetterRow
from store.tables.matching import ActionRow, CanonicalRow, LinkRow, ProposalRow
from store.tables.noted import CrossingRow, UnknownNameRow
from store.tables.odds import DailyQuoteRow, EventRow, MarketRow, QuoteRow
from store.tables.opportunities import LegRow, OpportunityRow
from store.tables.passkeys import CeremonyRow, PasskeyRow
from store.tables.running import AuditRow, ChainRow, PositionRow, SourceRow
from store.tables.sealing import RotationRow, SealingKeyRow
from store.tables.support import GrantRow, LookRow
from store.tables.texts import PhoneRow, TextCodeRow, TextRow

__all__ = [
    "EXPORTS",
    "FUNCTIONS",
    "GRANTS",
    "METADATA",
    "OWNERS",
    "RETENTION",
    "TRIGGERS",
    "AccountRow",
    "ActionRow",
    "AlertRow",
    "AuditRow",
    "BreakRow",
    "CanonicalRow",
    "CeremonyRow",
    "ChainRow",
    "CodeRow",
    "CredentialRow",
    "CrossingRow",
    "DailyQuoteRow",
    "DeviceRow",
    "EventRow",
    "FactorRow",
    "FlagChangeRow",
    "FlagRow",
    "GrantRow",
    "LegRow",
    "LetterRow",
    "LimitsRow",
    "LinkRow",
    "LookRow",
    "MarketRow",
    "OpportunityRow",
    "PasskeyRow",
    "PauseRow",
    "PhoneRow",
    "PositionRow",
    "ProposalRow",
    "QuoteRow",
    "RecoveryRow",
    "RiskEventRow",
    "RotationRow",
    "RunRow",
    "SealingKeyRow",
    "SessionRow",
    "SettingsRow",
    "SourceRow",
    "StepRow",
    "SwitchRow",
    "TextCodeRow",
    "TextRow",
    "UnknownNameRow",
]

# Whose a row is, by the column that says so. Each of these tables has row-level security, forced;
# every other one holds public data, of which no row belongs to a member.
OWNERS = {
    "accounts": "id",
    "codes": "user_id",
    "devices": "user_id",
    "factors": "user_id",
    "recovery_codes": "user_id",
    "sign_in_steps": "user_id",
    "letters": "user_id",
    "risk_events": "user_id",
    "sessions": "user_id",
    "member_breaks": "user_id",
    "member_limits": "user_id",
    "member_settings": "user_id",
    "ceremonies": "user_id",
    "passkeys": "user_id",
    "phones": "user_id",
    "text_codes": "user_id",
    "texts": "user_id",
    "support_grants": "user_id",
    "support_looks": "user_id",
}

RETENTION = {
    "alerts": "DUTCHBOOK_RETENTION_DAYS after it was closed",
    "accounts": "14 days after its member closed it, or until it is erased at once",
    "alembic_version": "one row: the schema's own revision",
    "audit": "kept for good; nobody changes or deletes a row",
    "audit_chain": "kept for good, with the audit whose order and content it seals",
    "canonical_events": "as long as a source's event is linked to it",
    "codes": "until it was used or is over; removed the night after, or with its account",
    "devices": "365 days after it last signed in, until it is forgotten, or with its account",
    "factors": "until its member removes it, or with their account",
    "recovery_codes": "until others are made or the last factor is removed, or with its account",
    "sign_in_steps": "until it was finished, or the night after it is over, or with its account",
    "event_links": "DUTCHBOOK_RETENTION_DAYS after its start, or after it was linked",
    "match_actions": "kept for good: what a person did, and how to undo it",
    "match_proposals": "as long as the event that it is about",
    "member_breaks": "until its end; removed the night after, or with its account",
    "member_limits": "until its account is closed; of the time at the board the last 24 hours",
    "member_settings": "as long as their account",
    "events": "DUTCHBOOK_RETENTION_DAYS after its start; longer with an opportunity or a kept day",
    "flag_changes": "as long as its flag: who switched what, and how to undo it",
    "flags": "one row a flag that an admin ever changed",
    "job_pauses": "until somebody resumes the job",
    "job_runs": "30 days after it began",
    "key_rotations": "kept for good: when which key took over",
    "letters": "7 days after it was written, or until its account goes",
    "markets": "as long as their event",
    "opportunities": "kept for good: the record of what was shown",
    "opportunity_legs": "as long as their opportunity",
    "quotes_daily": "DUTCHBOOK_DAILY_RETENTION_DAYS; exported with its day, erased with its market",
    "quotes": "DUTCHBOOK_RETENTION_DAYS, then its day's partition is dropped",
    "risk_events": "90 days, or until its account goes",
    "source_credentials": "until an admin clears it; sealed with a key that is not in the database",
    "source_switches": "one row a source that an admin ever switched",
    "refused_crossings": "14 days after it was last held back",
    "sealing_keys": "kept for good, retired ones too: a backup may name them; no key as it is",
    "sessions": "until its end; removed the night after, or with its account",
    "sources": "one row a source that was ever switched on",
    "stream_positions": "one row a consumer of a stream",
    "ceremonies": "until it was used or is over; removed the night after, or with its account",
    "passkeys": "until its member removes it, or with their account",
    "phones": "until its member removes it, or with their account",
    "text_codes": "until it was used or is over; removed the night after, or with its account",
    "texts": "7 days after it was written, or until its account goes",
    "support_grants": "90 days after its end, or until its account goes",
    "support_looks": "90 days after it was taken, or until its account goes",
    "unknown_names": "30 days after it was last said; of each source the 500 said last",
}

# What of a member's rows they are given when they ask for everything that is kept of them. What is
# missing is a secret's hash, sealed, or of no meaning outside.
EXPORTS = {
    "accounts": "email, role, state, plan, league, created_at, changed_at, erase_at",
    "codes": "purpose, email, made_at, ends_at",
    "devices": "name, networks, countries, first_seen_at, last_seen_at",
    "letters": "kind, address, written_at, sent_at",
    "risk_events": "at, score, reasons, verdict, network, country, agent",
    "factors": "kind, name, made_at, confirmed_at, used_at",
    "recovery_codes": "made_at, used_at",
    "sign_in_steps": "why, tries, made_at, ends_at",
    "sessions": "agent, address, country, factor, created_at, proved_at, last_seen_at,"
    " idle_ends_at, ends_at",
    "member_breaks": "began_at, ends_at",
    "member_limits": "remind_min, firm, daily_min, strict_min, strict_until, used_s, changed_at",
    "member_settings": "chosen, changed_at",
    "ceremonies": "purpose, made_at, ends_at",
    "passkeys": "name, transports, backed_up, made_at, used_at, cloned_at",
    "phones": "shown, made_at, confirmed_at",
    "text_codes": "shown, tries, made_at, ends_at",
    "texts": "written_at, sent_at",
    "support_grants": "scope, reason, made_at, ends_at, revoked_at",
    "support_looks": "grant_id, looker, role, at",
}

# What the application's role may do, if it is not the owner itself.
GRANTS = {
    "alerts": "SELECT, INSERT, UPDATE, DELETE",
    "accounts": "SELECT, INSERT, UPDATE",
    "audit": "SELECT, INSERT (actor, action, subject, details)",
    "audit_chain": "SELECT",
    "canonical_events": "SELECT, INSERT, DELETE",
    "codes": "SELECT, INSERT, UPDATE, DELETE",
    "devices": "SELECT, INSERT, UPDATE, DELETE",
    "factors": "SELECT, INSERT, UPDATE, DELETE",
    "recovery_codes": "SELECT, INSERT, UPDATE, DELETE",
    "sign_in_steps": "SELECT, INSERT, UPDATE, DELETE",
    "event_links": "SELECT, INSERT, UPDATE, DELETE",
    "match_actions": "SELECT, INSERT, UPDATE",
    "match_proposals": "SELECT, INSERT, UPDATE",
    "member_breaks": "SELECT, INSERT, UPDATE, DELETE",
    "member_limits": "SELECT, INSERT, UPDATE",
    "member_settings": "SELECT, INSERT, UPDATE",
    "events": "SELECT, INSERT, UPDATE, DELETE",
    "flag_changes": "SELECT, INSERT",
    "flags": "SELECT, INSERT, UPDATE",
    "job_pauses": "SELECT, INSERT, DELETE",
    "job_runs": "SELECT, INSERT, DELETE",
    "key_rotations": "SELECT, INSERT, UPDATE",
    "letters": "SELECT, INSERT, UPDATE, DELETE",
    "markets": "SELECT, INSERT",
    "opportunities": "SELECT, INSERT, UPDATE",
    "opportunity_legs": "SELECT, INSERT, DELETE",
    "quotes": "SELECT, INSERT",
    "quotes_daily": "SELECT, INSERT, UPDATE, DELETE",
    "risk_events": "SELECT, INSERT, DELETE",
    "source_credentials": "SELECT, INSERT, UPDATE, DELETE",
    "source_switches": "SELECT, INSERT, UPDATE",
    "refused_crossings": "SELECT, INSERT, UPDATE, DELETE",
    "sealing_keys": "SELECT, INSERT, UPDATE",
    "sessions": "SELECT, INSERT, UPDATE, DELETE",
    "sources": "SELECT, INSERT, UPDATE",
    "stream_positions": "SELECT, INSERT, UPDATE",
    "ceremonies": "SELECT, INSERT, DELETE",
    "passkeys": "SELECT, INSERT, UPDATE, DELETE",
    "phones": "SELECT, INSERT, UPDATE, DELETE",
    "text_codes": "SELECT, INSERT, UPDATE, DELETE",
    "texts": "SELECT, INSERT, UPDATE, DELETE",
    "support_grants": "SELECT, INSERT, UPDATE, DELETE",
    "support_looks": "SELECT, INSERT, DELETE",
    "unknown_names": "SELECT, INSERT, UPDATE, DELETE",
}

# What only an owner can do to the tables, done for the application in the owner's name.
FUNCTIONS = (
    "erase_account(uuid)",
    "ensure_quote_days(date[])",
    "drop_quotes_before(date)",
    "summarise_quotes()",
)

# What happens in the owner's name whenever a table is written to; nobody may call it.
TRIGGERS = ("chain_audit()",)
