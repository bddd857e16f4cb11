"""What of visits is counted for monitors, and whose number is kept because of one."""

import pytest

from bot.appointments.figures import visit_figures
from bot.patients.kept_opt_outs import forget_phones_of_those_gone
from bot.tables.patients import Patient
from tests.appointments.talking import Talk
from tests.messaging.helpers import london


def figures(talk: Talk) -> dict[str, float]:
    with talk.db.read() as session:
        samples = [sample for family in visit_figures(session) for sample in family.samples]
    return {":".join((sample.name, *sample.labels.values())): sample.value for sample in samples if sample.value}


def changed(talk: Talk, **changes: object) -> None:
    with talk.db.write() as session:
        patient = session.get_one(Patient, talk.patient.id)
        for name, value in changes.items():
            setattr(patient, name, value)


def test_visits_to_come_are_counted_and_nothing_of_anybody(talk: Talk) -> None:
    talk.visit("2026-12-01 09:20", interpreter_state="failed")
    talk.visit("2026-12-01 10:20")
    talk.visit("2026-11-20 10:20")
    assert figures(talk) == {"visits_coming:failed": 1, "visits_coming:not-needed": 1}
    changed(talk, deceased=True)
    assert figures(talk)["visits_to_move"] == 2


@pytest.mark.parametrize(("died", "kept"), [(False, True), (True, False)])
def test_who_left_the_list_and_is_still_to_come_keeps_their_number_while_they_live(
    talk: Talk, died: bool, kept: bool
) -> None:
    talk.visit("2027-03-01 09:20")
    changed(talk, registered=False, deceased=died, updated_at=london("2026-07-01 09:00"))
    forget_phones_of_those_gone(talk.db, talk.settings)
    with talk.db.read() as session:
        assert (session.get_one(Patient, talk.patient.id).phone is not None) == kept
