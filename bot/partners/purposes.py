"""What people are invited and referred for: each purpose is one record, whole, checked when the service starts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from bot.capability import in_use
from bot.messaging.from_practice import practice_values
from bot.messaging.hours import HOURS
from bot.messaging.questions import known_questions
from bot.refusals import Refused
from bot.tables.organisations import Partner, Practice
from bot.texts.catalogue import Value, catalogue


@dataclass(frozen=True)
class PurposeTexts:
    """The key of every text a purpose sends, by its role. A purpose without a partner has no texts about one.

    `others` are those that no role of a campaign names, such as another wording of the invitation.
    """

    invitation: str
    no_thanks: str
    consent: str | None = None
    not_shared: str | None = None
    referred: str | None = None
    referred_no_phone: str | None = None
    waiting: str | None = None
    place_found: str | None = None
    partner_full: str | None = None
    others: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """All of them."""
        return (*filter(None, (getattr(self, role) for role in _ROLES)), *self.others)

    def about_a_partner(self, role: str) -> str:
        """The text of a role that only a purpose with a partner has.

        :raises ValueError: this purpose has none.
        """
        key: str | None = getattr(self, role)
        if key is None:
            raise ValueError(f"no text for {role}")
        return key


_ROLES = tuple(field.name for field in fields(PurposeTexts) if field.name != "others")


MOVED = "another-partner"
"""How a referral ended whose person went to another partner instead, with a new consent."""


class Terms(NamedTuple):
    """What is said as a campaign is planned that a purpose alone understands: codes of a clinic and an event there.

    `neutral`: the invitation says no more than that there is an appointment.
    """

    clinic: str | None = None
    event: str | None = None
    neutral: bool = False


class Invitation(NamedTuple):
    """The text that invites, and the values of those of its slots that do not speak of the practice."""

    text_key: str
    values: Mapping[str, Value]


class Choice(NamedTuple):
    """Something of a practice that can be chosen as a campaign is planned: its code, and words for people."""

    code: str
    words: str


class Choices(NamedTuple):
    """What `Terms` can say of a campaign of a practice: clinics to invite to, and events beside the appointments."""

    clinics: Sequence[Choice] = ()
    events: Sequence[Choice] = ()


class Panel(NamedTuple):
    """A table on a campaign's page, with sentences under it: what is wrong, and what would help."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    notes: tuple[str, ...] = ()


class ToldBack(NamedTuple):
    """What the public page of a campaign may say, by keys of texts.

    `title`: what people were asked about. `kinds`: the outcomes that are help, the most telling first, and how each is
    called. `changes`: sentences on what changed, of which a lead chooses. `got_help`: SELECT of person and outcome of
    who was helped, each person once: (campaign id) to it; None takes closed referrals.
    """

    title: str
    kinds: Mapping[str, str]
    changes: tuple[str, ...] = ()
    got_help: Callable[[int], Any] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """All of them."""
        return (self.title, *self.kinds.values(), *self.changes)


@dataclass(frozen=True)
class Purpose:
    """A reason to invite people.

    `criteria` are those it begins with. `outcomes` are how a partner may close a referral, code to words.
    `count_places` tells how many places may be promised at a moment: (session, campaign, now) to a
    `partners.capacity.Capacity`. `after_yes` is what follows a yes to the invitation: (exchange, question).
    `states_care`: in live its plan needs the lead's recorded statement that this is care and no marketing.
    `may_name_partner`: it needs none, and its invitation may name one all the same.

    A purpose that invites to times of a clinic has these. `choices` are what a practice can choose from as it plans:
    (session, practice id) to `Choices`. `count_groups` stands in place of `count_places`: (session,
    campaign, now) to `campaigns.groups.Group`s, people who share times. `settle` keeps what `Terms` say of a new
    campaign: (session, practice, campaign, terms). `invites` gives the `Invitation` of a campaign where it is not the
    one of `texts`: (session, campaign). `figures` is what its `campaign status` says beside the rest, `panel` what its
    page shows: (session, campaign, now). `no_asks` is the question that a no is answered with. `prior` are the shape
    parameters of the yes-rate at the start, `hours` the name of hours of its own for what it sends (`messaging.hours`).
    `told_back`: its campaigns may have a public page that says what came of them.
    """

    name: str
    title: str
    criteria: str
    texts: PurposeTexts
    outcomes: Mapping[str, str]
    after_yes: Callable[[Any, Any], object]
    count_places: Callable[[Any, Any, Any], Any] | None = None
    has_partner: bool = True
    has_event: bool = False
    has_clinic: bool = False
    choices: Callable[[Any, int], Choices] | None = None
    states_care: bool = False
    may_name_partner: bool = False
    count_groups: Callable[[Any, Any, Any], Any] | None = None
    settle: Callable[[Any, Any, Any, Terms], None] | None = None
    invites: Callable[[Any, Any], Invitation] | None = None
    figures: Callable[[Any, Any, Any], Mapping[str, Any]] | None = None
    panel: Callable[[Any, Any, Any], Panel] | None = None
    no_asks: str | None = None
    prior: tuple[int, int] = (34, 71)
    hours: str | None = None
    told_back: ToldBack | None = None

    def outcome_in_words(self, code: str | None) -> str:
        """How a referral for this ended; empty where that is not said."""
        words = {**self.outcomes, MOVED: "Moved to another partner"}
        return words.get(code, code) if code else ""


def purposes() -> Mapping[str, Purpose]:
    """Every purpose that capabilities bring, by its name."""
    return {purpose.name: purpose for purpose in in_use().bring("purposes")}


def find_purpose(name: str) -> Purpose:
    """The purpose of that name. :raises Refused: there is none; the message lists those there are."""
    known = purposes()
    if name not in known:
        raise Refused("unknown-purpose", f"There is no purpose {name}. Use one of: {', '.join(known)}.")
    return known[name]


def partner_values(partner: Partner, text_key: str) -> Mapping[str, str]:
    """The values of those slots of a text that speak of the partner; the phone only where it has one."""
    known = {"partner": partner.name} | ({"partner_phone": partner.phone} if partner.phone else {})
    return {name: value for name, value in known.items() if name in catalogue()[text_key].slots}


def purpose_values(practice: Practice, partner: Partner, text_key: str) -> Mapping[str, str]:
    """All values of a text of a purpose, to compose it without queueing it.

    :raises Refused: `no-practice-phone`.
    """
    return {**practice_values(practice, text_key), **partner_values(partner, text_key)}


def check_purposes() -> None:
    """Hold every purpose against the catalogue, and the criteria, questions and hours there are.

    :raises RuntimeError: something of these that does not exist, or a role without a text.
    """
    criteria = {each.name for each in in_use().bring("criteria")}
    for purpose in purposes().values():
        missing = [key for key in purpose.texts.keys if key not in catalogue()]
        missing += [key for key in (purpose.told_back.keys if purpose.told_back else ()) if key not in catalogue()]
        missing += [] if purpose.criteria in criteria else [purpose.criteria]
        roles = [role for role in _ROLES if getattr(purpose.texts, role) is None]
        missing += [f"a text for {role}" for role in roles] if purpose.has_partner else []
        missing += [] if purpose.outcomes or not purpose.has_partner else ["outcomes"]
        missing += [] if purpose.count_places or purpose.count_groups else ["a count of places"]
        missing += [] if purpose.no_asks is None or purpose.no_asks in known_questions() else [purpose.no_asks]
        missing += [] if purpose.hours is None or purpose.hours in HOURS else [purpose.hours]
        if missing:
            raise RuntimeError(f"The purpose {purpose.name} lacks: {', '.join(missing)}")


def outcome_words() -> dict[str, str]:
    """Every outcome of every purpose, code to words."""
    return {code: words for purpose in purposes().values() for code, words in purpose.outcomes.items()}
