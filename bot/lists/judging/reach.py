"""Whether a person could be texted, by what a list alone says of them. Pure."""

from collections.abc import Iterator
from datetime import date

from bot.clock import born_by
from bot.lists.judging.row_reading import PersonIn
from bot.patients.eligibility import Reason
from bot.patients.phone_safety import ADULT_FOR_TEXTING


def reasons_alone(person: PersonIn, today: date) -> Iterator[Reason]:
    """Why not to text somebody who is in one list with one row, and of whom nobody has heard before.

    :param today: the date in England.
    """
    if person.deceased:
        yield Reason.DECEASED
    if person.registered is False:
        yield Reason.NOT_REGISTERED
    if person.phone is None:
        yield Reason.NO_MOBILE
    elif person.born > born_by(ADULT_FOR_TEXTING, today):
        yield Reason.UNSAFE_PHONE
    if person.texting_refused:
        yield Reason.TEXTING_REFUSED
