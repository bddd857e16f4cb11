"""What a visit of somebody needs. Pure."""

from dataclasses import dataclass

from bot.tables.patients import Patient


@dataclass(frozen=True)
class Needs:
    """Whether an interpreter has to be there, for which language, and whether two slots are taken."""

    interpreter: bool
    language: str | None
    double: bool


def needs_of(patient: Patient, *, longer: bool = False) -> Needs:
    """What a visit of this person needs: one with an interpreter takes twice the time, and so does one made longer.

    Only who is recorded as needing an interpreter gets one: where nothing is recorded, nobody assumes it.
    """
    interpreter = patient.interpreter is True
    return Needs(interpreter, patient.language, double=interpreter or longer)
