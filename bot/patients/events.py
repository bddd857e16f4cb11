"""What happened to people, told to the capabilities in the transaction in which it happened."""

from collections.abc import Sequence

from sqlmodel import Session

from bot.capability import in_use
from bot.tables.patients import OptOut


def tell_of_opt_out(session: Session, opt_out: OptOut) -> None:
    """Somebody asked not to be texted, or to be texted even less."""
    for follow in in_use().bring("after_opt_out"):
        follow(session, opt_out)


def tell_of_deaths(session: Session, patient_ids: Sequence[int]) -> None:
    """A list or staff say of people who were alive that they have died."""
    for follow in in_use().bring("after_deaths") if patient_ids else ():
        follow(session, patient_ids)


def tell_of_changed_numbers(session: Session, patient_ids: Sequence[int]) -> None:
    """People have another mobile number than before, or none any more."""
    for follow in in_use().bring("after_changed_numbers") if patient_ids else ():
        follow(session, patient_ids)
