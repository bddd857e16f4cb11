"""What the portal says on the home page: of an interpreter, and of the practices whose people's codes are tried."""

from collections import defaultdict
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.accounts.memberships import OF_A_PRACTICE, Acting
from bot.appointments.portal.proving import HOUR, WRONG_CODES
from bot.clock import utc_now
from bot.tables.accounts import Membership, Role
from bot.tables.appointments import WrongCode
from bot.tables.interpreters import AgencyPractice
from bot.tables.organisations import Agency
from bot.web import Card, Place, when

OWN_VISITS = Place("Your visits", "/interpreter", frozenset([Role.INTERPRETER]))
SHOWN_FOR = timedelta(hours=24)


def joining_cards(session: Session, acting: Acting) -> list[Card]:
    """For an interpreter where their visits are; for a practice, accounts that entered five wrong codes in an hour."""
    if Role.INTERPRETER in acting.roles and acting.agency_id is not None:
        return [Card("Your visits", "Visits you have, visits you are asked to take, and booking.", OWN_VISITS.path)]
    if acting.practice_id is None or not acting.roles & OF_A_PRACTICE:
        return []
    return [_card(agency, at) for agency, at in _locked_lately(session, acting.practice_id, utc_now())]


def _card(agency: Agency, at: datetime) -> Card:
    words = (
        f"Five wrong codes of people were entered with one account, the last {when(at)}. It was locked for an hour. "
        "Phone the agency and ask whether all is well."
    )
    return Card(f"Wrong codes at {agency.name}", words, "/interpreters", "amber")


def _locked_lately(session: Session, practice_id: int, now: datetime) -> list[tuple[Agency, datetime]]:
    """The agencies that serve a practice of which an account was locked within a day, and when the last time was."""
    statement = (
        select(Agency, WrongCode.user_id, WrongCode.at)
        .join(AgencyPractice, col(AgencyPractice.agency_id) == col(Agency.id))
        .join(Membership, col(Membership.organisation) == col(Agency.code))
        .join(WrongCode, col(WrongCode.user_id) == col(Membership.user_id))
        .where(AgencyPractice.practice_id == practice_id, Membership.role == Role.INTERPRETER)
        .where(WrongCode.at > now - SHOWN_FOR - HOUR)
        .order_by(col(Agency.code), col(WrongCode.at))
    )
    entered: dict[tuple[int, int], list[datetime]] = defaultdict(list)
    agencies: dict[int, Agency] = {}
    for agency, user_id, at in session.exec(statement):
        agencies[agency.id or 0] = agency
        entered[agency.id or 0, user_id].append(at)
    locked: dict[int, datetime] = {}
    for (agency_id, _), times in entered.items():
        for first, last in zip(times, times[WRONG_CODES - 1 :], strict=False):
            if last - first <= HOUR and last > now - SHOWN_FOR:
                locked[agency_id] = max(last, locked.get(agency_id, last))
    return [(agencies[agency_id], at) for agency_id, at in locked.items()]
