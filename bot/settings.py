"""All settings, and the only place where demo and live differ.

Every setting comes from the environment or `.env`. A bad value stops start-up with the variable's name and
what it should be.
"""

import os
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_serializer, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.private_files import FOLDER, write_private
from bot.sealing import Sealing

DEMO_ACCOUNT_SID = "AC" + "0" * 32
DEMO_AUTH_TOKEN = "demo-auth-token"  # noqa: S105 - signs webhooks of the simulator only
DEMO_SENDER = "+441632960001"  # a number Ofcom keeps for drama
TWILIO_API = "https://api.twilio.com"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")
EVERY_ADDRESS = ("0.0.0.0", "::")
ONE_DAY = 24 * 60 * 60
READING_SECONDS = 5.0
LAST_PORT = 65535
SHORTEST_KEY = 32
MOST_DAYS_BEFORE = 28
AFTER_SCHOOL = "mon-fri 15:30-20:00; sat 10:00-16:00"
DEFAULT_GATHER, LONGEST_GATHER = timedelta(minutes=10), timedelta(hours=24)
DEFAULT_DUTY_AGAIN = timedelta(minutes=10)
_SPANS = {"s": "seconds", "m": "minutes", "h": "hours"}
_E164 = re.compile(r"\+[1-9]\d{6,14}")


class SettingsError(Exception):
    """A setting is missing or wrong; the message names the variable and what it should be."""


def is_loopback(url: str) -> bool:
    """Whether a URL points at this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """The environment, checked once."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, populate_by_name=True, env_ignore_empty=True
    )

    mode: Literal["demo", "live"] = "demo"
    database_url: str = "sqlite:///var/easy-to-reach.db"
    demo_for_all: bool = False
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=LAST_PORT)
    public_url: str = ""
    secret_key: str = ""
    hash_key: str = ""
    audit_key: str = ""
    trusted_proxies: int = Field(default=0, ge=0, le=10)
    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    twilio_auth_token_previous: str = ""
    twilio_messaging_service_sid: str = ""
    twilio_from: str = ""
    twilio_api_url: str = ""
    simulator_port: int = Field(default=0, ge=0, le=LAST_PORT)
    simulator_answers: Literal["on", "off"] = "on"
    twilio_opt_out: Literal["twilio", "ours"] = "twilio"
    send_window: str = ""
    send_days: str = ""
    youth_hours: str = ""
    sender_parts_per_second: float = Field(default=10, gt=0, le=1000)
    lease_seconds: float = Field(default=60, gt=0, le=ONE_DAY)
    reconcile_seconds: float = Field(default=300, gt=0, le=ONE_DAY)
    reading_seconds: float | None = Field(default=None, ge=0, le=600)
    twilio_timeout_seconds: float = Field(default=10, gt=0, le=600)
    argos_packages_dir: str = ""
    translation_seconds: float = Field(default=20, gt=0, le=600)
    remind_before: str = "3d,1d"
    notice_gather: timedelta = DEFAULT_GATHER
    duty_again: timedelta = DEFAULT_DUTY_AGAIN
    second_opinion: Literal["", "on", "off"] = ""
    offer_hold_minutes: int = Field(default=30, ge=5, le=24 * 60)
    metrics_token: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["", "console", "json"] = ""

    @field_validator(
        "log_level", "mode", "simulator_answers", "twilio_opt_out", "log_format", "second_opinion", mode="before"
    )
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("demo_for_all", mode="before")
    @classmethod
    def _yes_or_no(cls, value: object) -> object:
        word = str(value).strip().lower()
        if word not in ("1", "0", "true", "false", "yes", "no", "on", "off"):
            raise ValueError("should be 1 or 0")
        return word in ("1", "true", "yes", "on")

    @field_validator("audit_key")
    @classmethod
    def _long_key(cls, value: str) -> str:
        if value and len(value.strip()) < SHORTEST_KEY:
            raise ValueError(f"should be long and random, of {SHORTEST_KEY} characters or more")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: str) -> str:
        url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", value)
        try:
            parts = make_url(url)
        except (ArgumentError, ValueError) as error:
            raise ValueError("should look like sqlite:///var/easy-to-reach.db or postgresql+psycopg://…") from error
        if parts.drivername not in DRIVERS:
            raise ValueError("should be a sqlite:/// or postgresql+psycopg:// address")
        if parts.get_backend_name() == "sqlite" and parts.database in (None, "", ":memory:"):
            raise ValueError("should name a file, such as sqlite:///var/easy-to-reach.db")
        return url

    @field_validator("send_window")
    @classmethod
    def _send_window(cls, value: str) -> str:
        if value:
            _read_window(value)
        return value

    @field_validator("send_days")
    @classmethod
    def _send_days(cls, value: str) -> str:
        if value:
            _read_days(value)
        return value

    @field_validator("youth_hours")
    @classmethod
    def _youth_hours(cls, value: str) -> str:
        if value.strip():
            _read_hours(value)
        return value

    @field_validator("remind_before")
    @classmethod
    def _remind_before(cls, value: str) -> str:
        _read_reminders(value)
        return value

    @field_validator("notice_gather", "duty_again", mode="before")
    @classmethod
    def _span(cls, value: object) -> timedelta:
        return value if isinstance(value, timedelta) else _read_span(str(value))

    @field_validator("duty_again")
    @classmethod
    def _not_at_once(cls, value: timedelta) -> timedelta:
        if not value:
            raise ValueError("should be a time such as 10m or 90s, more than nothing")
        return value

    @field_serializer("notice_gather", "duty_again")
    def _span_as_written(self, span: timedelta) -> str:
        """As the environment has it: settings go to another process as they are written."""
        return f"{int(span.total_seconds())}s"

    @field_validator("twilio_from")
    @classmethod
    def _twilio_from(cls, value: str) -> str:
        number = re.sub(r"[\s().-]", "", value)
        if value and not _E164.fullmatch(number):
            raise ValueError("should be a number that can receive replies, such as +441632960001")
        return number

    @field_validator("twilio_account_sid", "twilio_messaging_service_sid", mode="after")
    @classmethod
    def _sid(cls, value: str, info: ValidationInfo) -> str:
        sid, begins = value.strip(), "MG" if info.field_name == "twilio_messaging_service_sid" else ""
        if sid and not (re.fullmatch(r"[A-Za-z0-9]+", sid) and sid.startswith(begins)):
            raise ValueError(f"should be letters and digits that begin with {begins or 'AC'}, as Twilio shows it")
        return sid

    @field_validator("twilio_auth_token", "twilio_auth_token_previous")
    @classmethod
    def _token(cls, value: str) -> str:
        token = value.strip()
        if not all("!" <= letter <= "~" for letter in token):
            raise ValueError("should be the token as Twilio shows it, without spaces")
        return token

    @field_validator("public_url", "twilio_api_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        address = value.strip()
        if address and not _is_web_address(address):
            raise ValueError("should be a web address such as https://texts.example.nhs.uk, without ? or #")
        return address.rstrip("/")

    @model_validator(mode="after")
    def _leaves_time_for_the_young(self) -> "Settings":
        opens, closes = self.window_minutes
        hours = (hours for day, hours in self.youth_minutes.items() if day in self.sending_weekdays)
        left = any(begins < closes and opens < ends for pieces in hours for begins, ends in pieces)
        if self.youth_hours.strip() and not left:
            raise ValueError("YOUTH_HOURS: should leave some time within SEND_WINDOW on one of SEND_DAYS")
        return self

    @model_validator(mode="after")
    def _fits_the_mode(self) -> "Settings":
        if self.mode == "live":
            self._refuse_incomplete_live()
            return self
        if not (self.demo_for_all or is_loopback(f"//{_in_brackets(self.host)}")):
            raise ValueError(
                f"HOST: should be this machine, such as 127.0.0.1, and not {self.host}: the demo tells everybody its "
                "passwords. To let others on your network in all the same, set DEMO_FOR_ALL=1"
            )
        if not is_loopback(self.api_url):
            raise ValueError("TWILIO_API_URL: in demo only a server on this machine, such as http://127.0.0.1:8001")
        if self.simulated_port > LAST_PORT or self.simulated_port == self.port:
            raise ValueError(f"SIMULATOR_PORT: should be another port than PORT, from 1 to {LAST_PORT}")
        return self

    def _refuse_incomplete_live(self) -> None:
        for name in ("secret_key", "twilio_account_sid", "twilio_auth_token"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name.upper()}: needed in live")
        if len(self.secret_key.strip()) < SHORTEST_KEY:
            raise ValueError(f"SECRET_KEY: should be long and random in live, of {SHORTEST_KEY} characters or more")
        if not (self.twilio_messaging_service_sid or self.twilio_from):
            raise ValueError("TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM: needed in live")
        open_to_others = self.host in EVERY_ADDRESS and not self.public_url and not self.rehearsal
        if open_to_others or not (is_loopback(self.base_url) or self.base_url.startswith("https://")):
            raise ValueError("PUBLIC_URL: should begin with https:// in live")

    @property
    def live(self) -> bool:
        """Approved wording only; no demo accounts, no simulator."""
        return self.mode == "live"

    @property
    def rehearsal(self) -> bool:
        """Live in everything but the phones, which are simulated."""
        return self.live and is_loopback(self.api_url)

    @property
    def has_second_opinion(self) -> bool:
        """Whether a learned reader looks at what the rules did not find red; in live only where it was switched on."""
        return self.second_opinion == "on" or (self.second_opinion == "" and not self.live)

    @property
    def base_url(self) -> str:
        """What the world calls us; webhook signatures are checked against it.

        Without PUBLIC_URL that is this machine, also where `web` listens on every address: a `worker` beside it
        must name the same.
        """
        host = "127.0.0.1" if self.host in EVERY_ADDRESS else self.host
        return self.public_url or f"http://{_in_brackets(host)}:{self.port}"

    @property
    def simulated_port(self) -> int:
        """Where the demo's phone network listens."""
        return self.simulator_port or self.port + 1

    @property
    def own_simulator_url(self) -> str:
        """The phone network that `serve` starts in demo."""
        return f"http://127.0.0.1:{self.simulated_port}"

    @property
    def api_url(self) -> str:
        """The server that speaks Twilio's REST wire."""
        return self.twilio_api_url or (TWILIO_API if self.live else self.own_simulator_url)

    @property
    def test_numbers(self) -> bool:
        """Whether 07700 000000-999999 count as mobiles: only while no real phone can be reached."""
        return is_loopback(self.api_url)

    @property
    def question_read_after(self) -> float:
        """Seconds after a question's text went out before which nobody can have read and answered it.

        Simulated handsets and scripts answer at once, so there it is 0 unless READING_SECONDS says otherwise.
        """
        if self.reading_seconds is not None:
            return self.reading_seconds
        return 0 if is_loopback(self.api_url) else READING_SECONDS

    @property
    def account_sid(self) -> str:
        """The Twilio account."""
        return self.twilio_account_sid or DEMO_ACCOUNT_SID

    @property
    def auth_token(self) -> str:
        """The token that authenticates us to Twilio and signs its webhooks."""
        return self.twilio_auth_token or DEMO_AUTH_TOKEN

    @property
    def auth_tokens(self) -> tuple[str, ...]:
        """Tokens a webhook may be signed with: during rotation the previous one as well."""
        return tuple(token for token in (self.auth_token, self.twilio_auth_token_previous) if token)

    @property
    def sender_service(self) -> str | None:
        """The first sender, when it is a messaging service."""
        return self.twilio_messaging_service_sid or None

    @property
    def sender_number(self) -> str | None:
        """The first sender, when it is a number."""
        if self.twilio_from:
            return self.twilio_from
        return None if self.twilio_messaging_service_sid else DEMO_SENDER

    @cached_property
    def window_minutes(self) -> tuple[int, int]:
        """Minutes of the London day between which texts that may wait are sent."""
        return _read_window(self.send_window or ("08:00-20:00" if self.live else "00:00-24:00"))

    @cached_property
    def send_every_day(self) -> bool:
        """No weekday and no bank holiday is left out."""
        return (self.send_days or ("mon-sat" if self.live else "all")).strip().lower() == "all"

    @cached_property
    def sending_weekdays(self) -> frozenset[int]:
        """Days on which outreach goes, Monday being 0."""
        return _read_days(self.send_days or ("mon-sat" if self.live else "all"))

    @cached_property
    def youth_minutes(self) -> Mapping[int, tuple[tuple[int, int], ...]]:
        """Minutes of the London day between which invitations go to young people, by weekday, Monday being 0."""
        return _read_hours(self.youth_hours.strip() or (AFTER_SCHOOL if self.live else "mon-sun 00:00-24:00"))

    @cached_property
    def reminder_days(self) -> tuple[int, ...]:
        """How many days of the London calendar before a visit the person is reminded, the earliest first."""
        return _read_reminders(self.remind_before)

    @property
    def argos_folder(self) -> Path:
        """Where translation packages lie: in live Argos's own folder, in demo one beside the database."""
        if self.argos_packages_dir.strip():
            return Path(self.argos_packages_dir.strip()).expanduser().resolve()
        if not self.live:
            return self.var_folder / "argos"
        data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
        return Path(data) / "argos-translate" / "packages"

    @property
    def json_logs(self) -> bool:
        """Logs for machines rather than for people."""
        return (self.log_format or ("json" if self.live else "console")) == "json"

    @property
    def is_sqlite(self) -> bool:
        """The embedded database: one `serve` at a time."""
        return self.database_url.startswith("sqlite")

    @cached_property
    def var_folder(self) -> Path:
        """Where the embedded database, the lock and the demo's own secrets live."""
        if self.is_sqlite and (name := make_url(self.database_url).database):
            return Path(name).resolve().parent
        return Path("var").resolve()


def _read_reminders(value: str) -> tuple[int, ...]:
    if value.strip().lower() == "none":
        return ()
    days = [re.fullmatch(r"\s*(\d{1,2})\s*d\s*", part, re.IGNORECASE) for part in value.split(",")]
    found = sorted({int(day[1]) for day in days if day}, reverse=True)
    if None in days or not found or not 1 <= found[-1] <= found[0] <= MOST_DAYS_BEFORE:
        raise ValueError(f"should be days before a visit such as 3d,1d, each from 1d to {MOST_DAYS_BEFORE}d, or none")
    return tuple(dict.fromkeys(found))


def _read_span(value: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,5})\s*([smh])", value.strip(), re.IGNORECASE)
    span = timedelta(**{_SPANS[match[2].lower()]: int(match[1])}) if match else None
    if span is None or span > LONGEST_GATHER:
        raise ValueError("should be a time such as 10m, 90s or 2h, at most 24h")
    return span


def _in_brackets(host: str) -> str:
    """A host as it stands in an address: that of IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _read_window(value: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", value.strip())
    if not match:
        raise ValueError("should look like 08:00-20:00")
    from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
    opens, closes = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if from_minute > 59 or to_minute > 59 or not 0 <= opens < closes <= 24 * 60:
        raise ValueError("should be two times of one day, the first earlier, such as 08:00-20:00")
    return opens, closes


def _read_hours(value: str) -> dict[int, tuple[tuple[int, int], ...]]:
    """Hours of days, in pieces parted by semicolons, as `AFTER_SCHOOL` is written."""
    hours: dict[int, list[tuple[int, int]]] = {}
    try:
        for piece in value.split(";"):
            days, between = piece.strip().rsplit(maxsplit=1)
            for day in _read_days(days):
                hours.setdefault(day, []).append(_read_window(between))
    except ValueError:
        raise ValueError(f"should be days and hours such as {AFTER_SCHOOL}") from None
    return {day: tuple(sorted(found)) for day, found in hours.items()}


def _read_days(value: str) -> frozenset[int]:
    if value.strip().lower() == "all":
        return frozenset(range(7))
    days: set[int] = set()
    for piece in re.split(r"[,\s]+", value.strip().lower()):
        first, dash, last = piece.partition("-")
        start = _read_day(first)
        end = _read_day(last) if dash else start
        days.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return frozenset(days)


def _read_day(word: str) -> int:
    """Monday is 0; a day may be shortened to three letters or more."""
    for number, day in enumerate(WEEKDAYS):
        if len(word) >= 3 and day.startswith(word):
            return number
    raise ValueError("should be `all`, a range such as mon-sat, or a list such as tue,thu")


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        plain = not re.search(r"[\s?#]", value)  # something is written after it
        return plain and parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def load_settings(**overrides: object) -> Settings:
    """Read the environment and `.env`.

    :raises SettingsError: one line a fault, each with the variable's name and what it should be.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(fault) for fault in error.errors())) from None
    except (UnicodeDecodeError, OSError):
        raise SettingsError(".env: should be a text file in UTF-8 that can be read") from None


def _sentence(fault: Mapping[str, object]) -> str:
    place = fault["loc"]
    name = str(place[0]).upper() if isinstance(place, tuple) and place else ""
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{name}: {message}" if name else message


def session_secret(settings: Settings) -> str:
    """The key that signs sessions: from the environment, or in demo one made once under var/."""
    if settings.secret_key:
        return settings.secret_key
    kept = settings.var_folder / "secret-key"
    if not kept.exists():
        settings.var_folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
        write_private(kept, secrets.token_urlsafe(48), once=True)
    return kept.read_text().strip()


def sealing_of(settings: Settings) -> Sealing:
    """What seals the audit trail: AUDIT_KEY, else the key of kept opt-outs; seals of the others still count."""
    former = (phone_hash_key(settings), session_secret(settings))
    return Sealing(settings.audit_key or former[0], former, settings.var_folder)


def phone_hash_key(settings: Settings) -> str:
    """The key under which phones of people who have left are kept.

    HASH_KEY, else the key of sessions: who changes SECRET_KEY sets HASH_KEY to the former one first.
    """
    return settings.hash_key or session_secret(settings)
