"""Reading the audit trail: the entries that are asked for, with whom and what each is about in words."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from bot.audit import CONSOLE, PERSON, SERVICE, AuditEntry
from bot.clock import LONDON
from bot.operations.deeds import deed_in_words, read_out, role_in_words
from bot.partners.purposes import purposes
from bot.patients.criteria import list_criteria
from bot.rows import among
from bot.tables.accounts import UserAccount
from bot.tables.campaigns import Campaign
from bot.tables.organisations import Agency, Partner, Pharmacy, Practice
from bot.texts.languages import LANGUAGES

NOBODY: Mapping[str, str] = {
    SERVICE.label: "The service",
    CONSOLE.label: "Somebody at the console",
    PERSON.label: "The person, by text,",
}
"""Who acts without an account."""


@dataclass(frozen=True)
class Asked:
    """Which entries: one action, one account by its id (or a label of `NOBODY`), one day in London."""

    action: str | None = None
    by: str | None = None
    day: date | None = None


@dataclass(frozen=True)
class Deed:
    """An entry in words: `at` in UTC; `who` a name, `email` the account's; `role` the one used, empty without one."""

    number: int | None
    at: datetime
    who: str
    email: str
    role: str
    words: str
    detail: str

    @property
    def sentence(self) -> str:
        """Who did what."""
        return f"{self.who} {self.words}"


def read_trail(
    session: Session, practice_id: int | None, asked: Asked, *, skip: int = 0, limit: int | None = None
) -> list[Deed]:
    """Entries of a practice (None: of all), the newest first."""
    statement = (
        select(AuditEntry, UserAccount)
        .outerjoin(UserAccount, col(UserAccount.id) == col(AuditEntry.user_id))
        .where(*_conditions(practice_id, asked))
        .order_by(col(AuditEntry.id).desc())
        .offset(skip)
        .limit(limit)
    )
    rows = session.exec(statement).all()
    names = _names_of(session, (entry.subject for entry, _ in rows))
    return [_deed(entry, account, names) for entry, account in rows]


def people_of_trail(session: Session, practice_id: int | None) -> Sequence[UserAccount]:
    """Who may be asked for: everybody who did something for the practice; all accounts where no practice is given."""
    statement = select(UserAccount).order_by(col(UserAccount.name), col(UserAccount.email))
    if practice_id is not None:
        acted = select(AuditEntry.user_id).where(AuditEntry.practice_id == practice_id).distinct()
        statement = statement.where(col(UserAccount.id).in_(acted))
    return session.exec(statement).all()


def _conditions(practice_id: int | None, asked: Asked) -> Iterable[ColumnElement[bool]]:
    if practice_id is not None:
        yield col(AuditEntry.practice_id) == practice_id
    if asked.action:
        yield col(AuditEntry.action) == asked.action
    if asked.by in NOBODY:
        yield col(AuditEntry.actor) == asked.by
    elif asked.by:
        yield col(AuditEntry.user_id) == int(asked.by)
    if asked.day:
        yield col(AuditEntry.at) >= datetime.combine(asked.day, time(), LONDON)
        yield col(AuditEntry.at) < datetime.combine(asked.day + timedelta(days=1), time(), LONDON)


def _deed(entry: AuditEntry, account: UserAccount | None, names: Mapping[str, str]) -> Deed:
    role = entry.actor.partition(":")[0]
    who = (account.name or account.email) if account else NOBODY.get(entry.actor, entry.actor)
    return Deed(
        number=entry.id,
        at=entry.at,
        who=who,
        email=account.email if account else "",
        role=role_in_words(role) if account and role != "account" else "",
        words=deed_in_words(entry.action, names.get(entry.subject) or _read_subject(entry.subject), entry.detail),
        detail=", ".join(f"{read_out(name)} {value}" for name, value in entry.detail.items()),
    )


_NOUNS: Mapping[str, str] = {
    "agency": "agency {}",
    "campaign": "campaign {}",
    "conflict": "rows {}",
    "inbox": "message {} of the inbox",
    "list": "list {}",
    "partner": "partner {}",
    "pharmacy": "pharmacy {}",
    "practice": "practice {}",
    "account": "account {}",
    "clinician": "clinician {}",
    "interpreter": "interpreter {}",
    "waiting-request": "entry {}",
    "proof": "proof {}",
    "referral": "referral {}",
    "report": "appointment report {}",
    "sender": "sender {}",
    "text": "text {}",
    "patient": "the record of patient {}",
    "visit": "visit {}",
    "visit-plan": "plan {} of the waiting list",
}


def _read_subject(subject: str) -> str:
    """A subject like `referral:RABC` in words, as far as it needs no table."""
    kind, _, key = subject.partition(":")
    if kind == "wording":
        text, _, tag = key.partition(":")
        known = LANGUAGES.get(tag)
        return f"the text “{read_out(text)}” in {known.english if known else tag}"
    if kind == "word":
        number, _, tag = key.partition(":")
        return f"proposal {number} for the word lists in {LANGUAGES[tag].english if tag in LANGUAGES else tag}"
    if kind == "language":
        return LANGUAGES[key].english if key in LANGUAGES else key
    if kind == "model":
        return f"the translation model {key}"
    if kind == "purpose":
        return purposes()[key].title if key in purposes() else read_out(key)
    if kind == "criteria":
        return {each.name: each.title for each in list_criteria()}.get(key, read_out(key))
    return _NOUNS[kind].format(key) if kind in _NOUNS else subject.replace(":", " ")


def _names_of(session: Session, subjects: Iterable[str]) -> dict[str, str]:
    """The names of campaigns, organisations and accounts among these subjects: a query a kind, not one a row."""
    keys: dict[str, set[int]] = defaultdict(set)
    for subject in subjects:
        kind, _, key = subject.partition(":")
        if kind in _NAMED and key.isascii() and key.isdigit():
            keys[kind].add(int(key))
    return {f"{kind}:{key}": name for kind, ids in keys.items() for key, name in _NAMED[kind](session, ids)}


def _campaigns(session: Session, ids: set[int]) -> Iterable[tuple[int | None, str]]:
    found = session.exec(select(Campaign).where(among(session, col(Campaign.id), ids)))
    for campaign in found:
        known = purposes().get(campaign.purpose)
        yield campaign.id, f"{known.title if known else campaign.purpose} (campaign {campaign.id})"


def _organisations(table: type[Agency] | type[Partner] | type[Pharmacy] | type[Practice]) -> "_Naming":
    def names(session: Session, ids: set[int]) -> Iterable[tuple[int | None, str]]:
        return session.exec(select(table.id, table.name).where(among(session, col(table.id), ids)))

    return names


def _accounts(session: Session, ids: set[int]) -> Iterable[tuple[int | None, str]]:
    found = session.exec(select(UserAccount).where(among(session, col(UserAccount.id), ids)))
    return ((account.id, account.name or account.email) for account in found)


_Naming = Callable[[Session, set[int]], Iterable[tuple[int | None, str]]]
_NAMED: Mapping[str, _Naming] = {
    "agency": _organisations(Agency),
    "campaign": _campaigns,
    "partner": _organisations(Partner),
    "pharmacy": _organisations(Pharmacy),
    "practice": _organisations(Practice),
    "account": _accounts,
}
