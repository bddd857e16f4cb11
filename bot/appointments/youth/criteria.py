"""Who a youth campaign is for. What is said of it in docs and signed is one and the same.

Source: RCGP guidance on proxy access, which sets 11 and 16 as the ages at which a parent's part is reviewed and ends.
Under 16 only a number that the young person confirmed counts, at 16 and 17 none that was a child's and never confirmed
(`patients.phone_safety`).
"""

from datetime import date

from sqlalchemy import ColumnElement
from sqlmodel import col

from bot.clock import born_by
from bot.patients.criteria import Criteria, younger_than
from bot.patients.eligibility import in_order
from bot.patients.phone_safety import ADULT, OF_THEIR_OWN
from bot.tables.patients import Patient

NAME = "youth-clinic"


def aged_to(years: int, today: date) -> ColumnElement[bool]:
    """Whether the Patient of a query is of that age already, in full years."""
    return col(Patient.born) <= born_by(years, today)


def is_young(today: date) -> ColumnElement[bool]:
    """Whether the Patient of a query is 11 to 17: the 11th birthday is in, the 18th is out.

    :param today: the date in England.
    """
    return aged_to(OF_THEIR_OWN, today) & ~aged_to(ADULT, today)


CRITERIA = Criteria(
    name=NAME,
    version=1,
    title="Young people",
    description=(
        "Registered, alive, 11 to 17. Own mobile, on one person's record only: under 16 one that the young person "
        "confirmed as theirs; at 16 and 17 never one that was listed before they were 16, unless it was confirmed. "
        "Texting not refused, not opted out."
    ),
    reasons=in_order(["under-11", "over-17"]),
    own={"under-11": younger_than(OF_THEIR_OWN), "over-17": lambda today: aged_to(ADULT, today)},
    unmatched=frozenset(["under-11", "over-17"]),
    words={"under-11": "Under 11", "over-17": "18 or over"},
    who_match="are 11 to 17",
    who_do_not="are under 11, or 18 or over",
    minimum_age=OF_THEIR_OWN,
)
