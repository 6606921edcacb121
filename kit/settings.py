"""What an operator can set: read once from the environment, checked, and never printed whole."""

import os
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
CREDENTIAL = "DUTCHBOOK_CREDENTIAL_"


def _credentials() -> dict[str, SecretStr]:
    """Return what the environment says of sources' credentials, by what follows the prefix."""
    return {
        name.removeprefix(CREDENTIAL).lower(): SecretStr(text)
        for name, text in os.environ.items()
        if name.startswith(CREDENTIAL) and text
    }


def _listed(text: object) -> object:
    """Return the parts of a comma-separated list."""
    if not isinstance(text, str):
        return text
    return tuple(part for each in text.split(",") if (part := each.strip()))


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_listed)]


class Settings(BaseSettings):
    """Every setting; the environment variable is `DUTCHBOOK_` and the name, unless an alias says.

    Raises:
        pydantic.ValidationError: A variable has a value that the setting does not allow.
    """

    model_config = SettingsConfigDict(env_prefix="DUTCHBOOK_", frozen=True, extra="ignore")

    environment: Literal["development", "production"] = Field(
        default="development",
        description="Production logs JSON and refuses to start embedded servers.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="PostgreSQL of the application role. Unset: an embedded server is started.",
    )
    database_owner_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_OWNER_URL",
        description="PostgreSQL of the tables' owner, for `./arb migrate`. Unset: `DATABASE_URL`.",
    )
    database_backup_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_BACKUP_URL",
        description="PostgreSQL of a role with BYPASSRLS that reads all, for `./arb backup`.",
    )
    redis_url: SecretStr | None = Field(
        default=None,
        validation_alias="REDIS_URL",
        description="Valkey or Redis. Unset: an embedded server is started.",
    )
    allow_plaintext: bool = Field(
        default=False,
        description="Let production speak to servers on other machines without TLS.",
    )
    data_dir: Path = Field(
        default=ROOT / ".data", description="Where embedded servers and builds keep their files."
    )
    keys_file: Path | None = Field(
        default=None,
        description="Master keys that credentials are sealed with. Unset: `keys.json` there.",
    )
    keys: str = Field(
        default="",
        pattern=r"^(file:.+|transit:https?://\S+)?$",
        description="Who holds the master keys: file:PATH, or transit:https://host:8200/mount/key"
        " of OpenBao or Vault. Unset: the key file.",
    )
    keys_role_id: str = Field(default="", description="AppRole that we are at OpenBao or Vault.")
    keys_secret_id: SecretStr | None = Field(default=None, description="Secret id of that AppRole.")
    keys_secret_id_file: Path | None = Field(
        default=None, description="File of the secret id, read at every login; it counts first."
    )
    keys_ca: Path | None = Field(
        default=None, description="Certificates that OpenBao's or Vault's is checked by."
    )
    keys_ttl_s: float = Field(
        default=900.0,
        ge=10.0,
        le=86_400.0,
        description="Seconds that an unwrapped key stays in memory while its holder is away.",
    )
    audit_anchor: Path | None = Field(
        default=None,
        description="Where the audit's signed heads are kept. Unset: `audit_anchors.jsonl` there.",
    )
    host: str = Field(default="127.0.0.1", description="Address that the web process listens on.")
    port: int = Field(
        default=3000, ge=1, le=65535, description="Port that the web process listens on."
    )
    public_url: str | None = Field(
        default=None,
        description="Address that browsers use behind a proxy; also the allowed origin.",
    )
    trusted_proxies: Networks = Field(
        default=(ip_network("127.0.0.1"), ip_network("::1")),
        description="Addresses or networks of proxies whose X-Forwarded-For is believed.",
    )
    countries_file: Path | None = Field(
        default=None,
        description="CSV of first address, last address and country code. Unset: a place is a"
        " network.",
    )
    risk_step_up: float = Field(
        default=0.5, gt=0, le=1, description="Score of an arrival from which on proof is asked for."
    )
    risk_block: float = Field(
        default=0.9, gt=0, le=1, description="Score from which on nobody is let in."
    )
    visitor_plan: Literal["", "anonymous", "free", "basic", "pro", "enterprise"] = Field(
        default="",
        description="The plan that visitors see the board by. Unset: pro, in production anonymous.",
    )
    visitor_league: str = Field(
        default="", description="The league that visitors see, if their plan shows one."
    )
    age_gate: bool | None = Field(
        default=None,
        description="Ask for the legal age before the board. Unset: only in production.",
    )
    staff_factor: Literal["required", "asked"] | None = Field(
        default=None,
        description="Whether those who work here must have a second factor before they may do more"
        " than a member, or are asked for one. Unset: required only in production.",
    )
    factor_plans: Annotated[
        tuple[Literal["free", "basic", "pro", "enterprise"], ...],
        NoDecode,
        BeforeValidator(_listed),
    ] = Field(
        default=(),
        description="Plans whose members must have a second factor, as a comma-separated list.",
    )
    raw_fanout: bool = Field(
        default=True,
        description="Write board messages straight to sockets where the self-test allows it.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="Mail server, as smtp://user:password@host:587 or smtps://…:465. Unset: letters"
        " stay in the outbox, where /admin/mail shows them.",
    )
    mail_from: str = Field(default="", description="Sender of letters, as name@example.com.")
    sms_url: str = Field(
        default="https://api.twilio.com",
        description="Where texts are handed over, in Twilio's manner.",
    )
    sms_account: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9]{1,64}$",
        description="Account there, as its SID. Unset: there are no codes by text message.",
    )
    sms_token: SecretStr | None = Field(default=None, description="The account's token there.")
    sms_from: str = Field(default="", description="Number or name that texts are sent from.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The least important log line that is written."
    )
    namespace: str = Field(
        default="dutchbook",
        pattern=r"^[a-z0-9_-]{1,32}$",
        description="Prefix of every Valkey key.",
    )
    shards: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Parts that events are dealt to; the same for all workers, who share them.",
    )
    retention_days: int = Field(
        default=90,
        ge=1,
        description="Days that quote history is kept before its partition is dropped.",
    )
    daily_retention_days: int = Field(
        default=730,
        ge=1,
        description="Days that a past day's first, last and extreme prices are kept.",
    )
    influx_url: SecretStr | None = Field(
        default=None,
        description="Where an InfluxDB takes lines, with its query. Unset: there is no mirror.",
    )
    influx_token: SecretStr | None = Field(
        default=None, description="The InfluxDB's token, if it asks for one."
    )
    credentials: dict[str, SecretStr] = Field(
        default_factory=_credentials,
        validation_alias=f"{CREDENTIAL}<SOURCE>",
        description="Each source's key, or with `_<PART>` a part of its credential; with `_FILE`"
        " behind it the file that holds it, which is read anew when it has changed.",
    )
    region: str = Field(
        default="",
        pattern=r"^([A-Z]{2})?$",
        description="Where sources are asked from, as an ISO 3166 code; unset: not said.",
    )
    odds_api_key: SecretStr | None = Field(
        default=None, description="Key of The Odds API, as DUTCHBOOK_CREDENTIAL_THE_ODDS_API."
    )
    odds_api_sports: str = Field(
        default="upcoming", description="Sports asked of The Odds API, as a comma-separated list."
    )
    odds_api_regions: str = Field(default="us", description="Regions asked of The Odds API.")


@cache
def settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
