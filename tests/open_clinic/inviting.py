"""A purpose that ends in visits: its times are what a test says, its groups are languages."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import true
from sqlmodel import Session, col

from bot.campaigns.capacity import expected_by_group
from bot.campaigns.groups import Group
from bot.conversations.exchange import Exchange
from bot.messaging.hours import AFTER_SCHOOL
from bot.messaging.questions import Question, close_question
from bot.partners.purposes import Choice, Choices, Invitation, Panel, Purpose, PurposeTexts, Terms
from bot.patients.criteria import Criteria, younger_than
from bot.patients.eligibility import in_order
from bot.refusals import Refused
from bot.tables.campaigns import Campaign
from bot.tables.messaging import OpenQuestion
from bot.tables.organisations import Partner, Practice
from bot.tables.patients import Patient
from bot.understanding.questions import PHONE_ME, QuestionKind

NAME = "open-clinic"
free: dict[str, float] = {}
"""The free times of each language; `other` is everybody else."""
settled: dict[int, Terms] = {}
happened: list[str] = []
HELP = "Hours of an interpreter for {} would help."


def forget() -> None:
    """Begin anew."""
    for kept in (free, settled, happened):
        kept.clear()


def whom(key: str) -> Any:
    return true() if key == "other" else col(Patient.language) == key


def groups(session: Session, campaign: Campaign, now: datetime) -> Sequence[Group]:
    expected = expected_by_group(session, campaign, now, {key: whom(key) for key in free})
    return [Group(key, f"people of {key}", free[key] - expected[key], whom(key), HELP.format(key)) for key in free]


def settle(_session: Session, _practice: Practice, campaign: Campaign, terms: Terms) -> None:
    if terms.clinic is None:
        raise Refused("needs-clinic", "Choose a clinic.")
    settled[campaign.id or 0] = terms


def invitation(session: Session, campaign: Campaign) -> Invitation:
    if settled.get(campaign.id or 0, Terms()).neutral:
        return Invitation("nurse-invitation", {})
    if campaign.partner_id is not None:
        partner = session.get_one(Partner, campaign.partner_id)
        return Invitation("cervical-invitation-partner", {"partner": partner.name})
    return Invitation("young-person-invitation", {})


def figures(_session: Session, _campaign: Campaign, _now: datetime) -> Mapping[str, Any]:
    return {"booked": 3, "free_times": [{"language": key, "n": number} for key, number in free.items()]}


def panel(_session: Session, _campaign: Campaign, _now: datetime) -> Panel:
    rows = tuple((key, int(number)) for key, number in free.items())
    return Panel("Free times by language", ("Language", "Free"), rows, ("A woman's session would help.",))


def choices(_session: Session, _practice_id: int) -> Choices:
    return Choices((Choice("SAT", "Saturday clinic"),), (Choice("TALK", "Coffee and talk"),))


def follow_yes(_exchange: Exchange, _question: OpenQuestion) -> None:
    happened.append("yes")


def talk(exchange: Exchange, question: OpenQuestion) -> None:
    close_question(exchange.session, question, exchange.now)
    happened.append(f"{question.subject_kind} wants to talk")


MORE = Question(
    means=QuestionKind("open-clinic-more", yes_no=False, choices=frozenset({PHONE_ME})),
    lasts=timedelta(days=7),
    answers={"choice": talk},
)
CRITERIA = Criteria(
    name=NAME,
    version=1,
    title="People who may come to the open clinic",
    description="Registered, alive, 18 or over, with a recorded language.",
    reasons=in_order(["no-language", "under-age"]),
    own={"no-language": lambda _today: col(Patient.language).is_(None), "under-age": younger_than(18)},
    unmatched=frozenset(["no-language"]),
    words={"no-language": "No language is recorded", "under-age": "Under 18"},
    who_match="speak another language than English",
    who_do_not="have no language recorded",
    matches=lambda _today: col(Patient.language) != "en",
)
OPEN_CLINIC = Purpose(
    name=NAME,
    title="Open clinic",
    criteria=NAME,
    texts=PurposeTexts(
        invitation="young-person-invitation",
        no_thanks="clinic-no-thanks",
        others=("nurse-invitation", "cervical-invitation-partner"),
    ),
    outcomes={},
    after_yes=follow_yes,
    has_partner=False,
    has_clinic=True,
    has_event=True,
    may_name_partner=True,
    choices=choices,
    count_groups=groups,
    settle=settle,
    invites=invitation,
    figures=figures,
    panel=panel,
    no_asks="open-clinic-more",
    prior=(20, 80),
    hours=AFTER_SCHOOL,
)
