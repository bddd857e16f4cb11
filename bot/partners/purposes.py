"""What people are invited and referred for: each purpose is one record, whole, checked when the service starts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from bot.capability import in_use
from bot.messaging.from_practice import practice_values
from bot.refusals import Refused
from bot.tables.organisations import Partner, Practice
from bot.texts.catalogue import catalogue


@dataclass(frozen=True)
class PurposeTexts:
    """The key of every text a purpose sends, by its role. A purpose without a partner has no texts about one."""

    invitation: str
    no_thanks: str
    consent: str | None = None
    not_shared: str | None = None
    referred: str | None = None
    referred_no_phone: str | None = None
    waiting: str | None = None
    place_found: str | None = None
    partner_full: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(key for field in fields(self) if (key := getattr(self, field.name)) is not None)

    def about_a_partner(self, role: str) -> str:
        """The text of a role that only a purpose with a partner has.

        :raises ValueError: this purpose has none.
        """
        key: str | None = getattr(self, role)
        if key is None:
            raise ValueError(f"no text for {role}")
        return key


@dataclass(frozen=True)
class Purpose:
    """A reason to invite people.

    `criteria` are those it begins with. `outcomes` are how a partner may close a referral, code to words.
    `count_places` tells how many places may be promised at a moment: (session, campaign, now) to a
    `partners.capacity.Capacity`. `after_yes` is what follows a yes to the invitation: (exchange, question).
    `states_care`: in live its plan needs the lead's recorded statement that this is care and no marketing.
    """

    name: str
    title: str
    criteria: str
    texts: PurposeTexts
    outcomes: Mapping[str, str]
    count_places: Callable[[Any, Any, Any], Any]
    after_yes: Callable[[Any, Any], object]
    has_partner: bool = True
    has_event: bool = False
    has_clinic: bool = False
    states_care: bool = False


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
    """Hold every purpose against the catalogue and the criteria there are.

    :raises RuntimeError: a text or criteria that does not exist, or a role without a text.
    """
    criteria = {each.name for each in in_use().bring("criteria")}
    for purpose in purposes().values():
        missing = [key for key in purpose.texts.keys if key not in catalogue()]
        missing += [] if purpose.criteria in criteria else [purpose.criteria]
        roles = [field.name for field in fields(PurposeTexts) if getattr(purpose.texts, field.name) is None]
        missing += [f"a text for {role}" for role in roles] if purpose.has_partner else []
        missing += [] if purpose.outcomes or not purpose.has_partner else ["outcomes"]
        if missing:
            raise RuntimeError(f"The purpose {purpose.name} lacks: {', '.join(missing)}")


def outcome_words() -> dict[str, str]:
    """Every outcome of every purpose, code to words."""
    return {code: words for purpose in purposes().values() for code, words in purpose.outcomes.items()}
