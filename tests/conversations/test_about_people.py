"""What staff change about a person after reading what they wrote, and what follows for texts, questions and lists."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select

from bot.audit import CONSOLE, Actor, AuditEntry
from bot.conversations.about_people import (
    Whom,
    Whose,
    opt_out_person,
    people_of_item,
    record_death,
    say_whose_phone,
    set_persons_language,
    undo_death,
)
from bot.conversations.inbox import find_item
from bot.database import Database
from bot.lists.importing import import_list
from bot.messaging.claiming import claim_due_messages
from bot.patients.eligibility import Reason, why_not
from bot.patients.phone_safety import refresh_every_practice
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.attention import InboxItem
from bot.tables.campaigns import MemberAnswer
from bot.tables.messaging import Kind, Message, State
from bot.tables.partners import ReferralState
from bot.tables.patients import OptOut, OptOutScope, Patient, PhoneStatus
from tests.conversations.conftest import Conversation
from tests.factories import make_account, make_patient, make_practice, text_in
from tests.lists.lists import cells, plain_list
from tests.messaging.helpers import OUTREACH_AND_OTHERS, change, inbox, queue_kind, reload, rows

PHONE, ANOTHER = "+447700900123", "+447700900321"
CHILD = date(2012, 5, 12)
"""Fourteen on the day of the tests."""


class Staff:
    """A colleague of the practice, and what they know of one person."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.db, self.settings = db, settings
        self.practice = make_practice(db)
        self.actor = actor_of(make_account(db, Role.PRACTICE, practice=self.practice))
        self.patient = self.another(nhs_number="9990000077")

    def another(self, **changes: Any) -> Patient:
        return make_patient(self.db, self.practice, **({"phone": PHONE, "language": "pl"} | changes))

    @property
    def whom(self) -> Whom:
        return self.of(self.patient)

    def of(self, patient: Patient) -> Whom:
        return Whom("STATION", patient.nhs_number)

    def opts_out(self, scope: OptOutScope = OptOutScope.OUTREACH, patient: Patient | None = None) -> dict[str, Any]:
        return opt_out_person(self.db, self.of(patient or self.patient), scope, self.actor)

    def died(self, day: date | None = None) -> dict[str, Any]:
        return record_death(self.db, self.whom, day, self.actor)

    def phone(self, whose: Whose, patient: Patient | None = None, **seen: Any) -> dict[str, Any]:
        return say_whose_phone(self.db, self.of(patient or self.patient), whose, self.actor, **seen)

    def language(self, tag: str) -> dict[str, Any]:
        return set_persons_language(self.db, self.whom, tag, self.actor)

    def person(self, patient: Patient | None = None) -> Patient:
        with self.db.read() as session:
            return session.get_one(Patient, (patient or self.patient).id)

    def queued(self, kind: str = Kind.OUTREACH, patient: Patient | None = None, **changes: Any) -> Message:
        return queue_kind(self.db, self.settings, self.practice, patient or self.patient, kind, **changes)

    def why_not(self, kind: str = Kind.OUTREACH, patient: Patient | None = None) -> Reason | None:
        person = self.person(patient)
        with self.db.read() as session:
            return why_not(session, kind, self.practice.id or 0, person.phone or "", person.id)

    def brings_in(self, *rows: dict[str, str]) -> None:
        """The practice's next list."""
        content = plain_list(*rows)
        import_list(self.db, self.settings, "STATION", content, selected_for=None, dry_run=False, actor=CONSOLE)

    def opt_outs(self) -> list[OptOut]:
        with self.db.read() as session:
            return rows(session, OptOut)

    def audited(self) -> list[tuple[str, str]]:
        with self.db.read() as session:
            about = select(AuditEntry).where(col(AuditEntry.user_id) == self.actor.user_id).order_by(col(AuditEntry.id))
            return [(entry.action, entry.actor.partition(":")[0]) for entry in session.exec(about)]


@pytest.fixture
def staff(db: Database, settings: Settings) -> Staff:
    return Staff(db, settings)


def state_of(staff: Staff, message: Message) -> tuple[str, str | None]:
    now = reload(staff.db, message)
    return now.state, now.reason


def at_once(*deeds: Callable[[], Any]) -> list[str]:
    """Several colleagues press at the same moment; gives what they are refused with."""
    ready, refused = threading.Barrier(len(deeds)), []

    def press(deed: Callable[[], Any]) -> None:
        ready.wait()
        try:
            deed()
        except Refused as error:
            refused.append(error.code)

    colleagues = [threading.Thread(target=press, args=(deed,)) for deed in deeds]
    for colleague in colleagues:
        colleague.start()
    for colleague in colleagues:
        colleague.join()
    return refused


# Who may, and about whom.

DEEDS: dict[str, Callable[[Staff, Whom, Actor], Any]] = {
    "opt-out": lambda staff, whom, actor: opt_out_person(staff.db, whom, OptOutScope.ALL, actor),
    "died": lambda staff, whom, actor: record_death(staff.db, whom, None, actor),
    "lives": lambda staff, whom, actor: undo_death(staff.db, whom, actor),
    "phone": lambda staff, whom, actor: say_whose_phone(staff.db, whom, Whose.OWN, actor),
    "language": lambda staff, whom, actor: set_persons_language(staff.db, whom, "so", actor),
}
every_deed = pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)


def refusal_of(deed: Callable[[Staff, Whom, Actor], Any], staff: Staff, whom: Whom, actor: Actor) -> Refused:
    with pytest.raises(Refused) as refused:
        deed(staff, whom, actor)
    return refused.value


@every_deed
@pytest.mark.parametrize("number", ["9990000212", "9990000078", "", "ask", "０９９"])
def test_a_number_of_nobody_on_the_list_is_refused(staff: Staff, deed: Any, number: str) -> None:
    assert refusal_of(deed, staff, Whom("STATION", number), staff.actor).code == "unknown-person"


@every_deed
def test_a_person_of_another_practice_is_unknown_here(staff: Staff, deed: Any) -> None:
    stranger = make_patient(staff.db, make_practice(staff.db, "BRIDGE"), phone=ANOTHER)
    assert refusal_of(deed, staff, staff.of(stranger), staff.actor).code == "unknown-person"
    with staff.db.read() as session:
        assert session.get_one(Patient, stranger.id).updated_at == stranger.updated_at


@every_deed
def test_an_unknown_practice_is_refused(staff: Staff, deed: Any) -> None:
    whom = Whom("NOWHERE", staff.patient.nhs_number)
    assert refusal_of(deed, staff, whom, staff.actor).code == "unknown-practice"


@every_deed
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN, None])
def test_only_staff_and_leads_of_that_practice_may(staff: Staff, deed: Any, role: Role | None) -> None:
    elsewhere = make_practice(staff.db, "BRIDGE")
    outsider = make_account(
        staff.db, role or Role.LEAD, practice=None if role == Role.ADMIN else staff.practice if role else elsewhere
    )
    refused = refusal_of(deed, staff, staff.whom, actor_of(outsider))
    assert (refused.code, "staff or a lead of Station Practice" in refused.message) == ("not-allowed", True)
    assert staff.person().updated_at == staff.patient.updated_at


@every_deed
def test_who_may_not_does_not_learn_who_is_on_the_list(staff: Staff, deed: Any) -> None:
    outsider = actor_of(make_account(staff.db, Role.LEAD, practice=make_practice(staff.db, "BRIDGE")))
    assert refusal_of(deed, staff, Whom("STATION", "9990000212"), outsider).code == "not-allowed"


@every_deed
def test_the_console_and_a_lead_may(staff: Staff, deed: Any) -> None:
    for actor in (CONSOLE, actor_of(make_account(staff.db, Role.LEAD, practice=staff.practice))):
        assert deed(staff, staff.whom, actor)["nhs_number"] == staff.patient.nhs_number


@every_deed
def test_an_nhs_number_may_be_spaced(staff: Staff, deed: Any) -> None:
    assert deed(staff, Whom("STATION", "999 000 0077"), staff.actor)["nhs_number"] == "9990000077"


# Opting out.


@pytest.mark.parametrize("scope", OptOutScope)
def test_an_opt_out_is_the_one_they_would_have_texted(staff: Staff, scope: OptOutScope) -> None:
    assert staff.opts_out(scope)["opted_out"] == scope
    [kept] = staff.opt_outs()
    assert (kept.phone, kept.patient_id, kept.scope, kept.source) == (PHONE, staff.patient.id, scope, "staff")
    assert staff.audited() == [("opted-out", "practice")]


@pytest.mark.parametrize(
    ("scope", "cancelled"),
    [
        (OptOutScope.OUTREACH, {Kind.OUTREACH, Kind.ANSWER, Kind.QUESTION}),
        (OptOutScope.ALL, {Kind.OUTREACH, Kind.ANSWER, Kind.QUESTION, Kind.NOTICE, Kind.REMINDER}),
    ],
)
def test_what_waits_is_cancelled_at_once_as_far_as_the_wish_goes(
    staff: Staff, scope: OptOutScope, cancelled: set[str]
) -> None:
    texts = {kind: staff.queued(kind) for kind in OUTREACH_AND_OTHERS}
    staff.opts_out(scope)
    states = {kind: state_of(staff, text) for kind, text in texts.items()}
    assert {kind for kind, state in states.items() if state == (State.CANCELLED, "opted-out")} == cancelled
    assert {state for kind, state in states.items() if kind not in cancelled} == {(State.QUEUED, None)}


def test_held_texts_are_cancelled_and_those_to_others_are_not(staff: Staff) -> None:
    held = staff.queued()
    change(staff.db, held, state=State.HELD)
    others = staff.queued(patient=staff.another(phone=ANOTHER))
    staff.opts_out()
    assert state_of(staff, held) == (State.CANCELLED, "opted-out")
    assert state_of(staff, others) == (State.QUEUED, None)


def test_the_same_wish_again_changes_nothing_and_never_narrows(staff: Staff) -> None:
    staff.opts_out(OptOutScope.ALL)
    assert staff.opts_out(OptOutScope.OUTREACH)["opted_out"] == "all"
    assert staff.opts_out(OptOutScope.ALL)["opted_out"] == "all"
    assert len(staff.opt_outs()) == len(staff.audited()) == 1


def test_a_wish_may_widen(staff: Staff) -> None:
    staff.opts_out()
    assert staff.opts_out(OptOutScope.ALL)["opted_out"] == "all"
    assert len(staff.opt_outs()) == 1


def test_of_several_on_one_phone_it_is_the_wish_of_one(staff: Staff) -> None:
    mother = staff.another()
    assert staff.opts_out(OptOutScope.ALL)["opted_out"] == "all"
    assert staff.opts_out(OptOutScope.ALL)["opted_out"] == "all"
    [kept] = staff.opt_outs()
    assert (kept.phone, kept.patient_id) == (None, staff.patient.id)
    assert Reason.OPTED_OUT not in (staff.why_not(patient=mother), staff.why_not(Kind.ANSWER, mother))


def test_somebody_without_a_number_may_opt_out_before_a_list_brings_one(staff: Staff) -> None:
    nobody = staff.another(phone=None, phone_status=PhoneStatus.NONE, nhs_number="9990000212")
    assert staff.opts_out(patient=nobody)["opted_out"] == "outreach"
    staff.brings_in(cells(NHS_Number="9990000212", Mobile_Telephone="07700 900321"))
    assert staff.why_not(patient=nobody) == Reason.OPTED_OUT


def test_a_wish_of_somebody_with_a_wrong_number_does_not_touch_who_has_it(staff: Staff) -> None:
    staff.phone(Whose.WRONG)
    staff.opts_out()
    change(staff.db, staff.patient, phone=ANOTHER)
    newcomer = staff.another()
    assert staff.why_not(patient=newcomer) is None
    assert staff.why_not() is not None


def test_no_list_undoes_it(staff: Staff) -> None:
    staff.opts_out()
    staff.brings_in(cells(SMS_Consent="Y"))
    assert staff.why_not() == Reason.OPTED_OUT


def test_what_was_asked_cannot_be_answered_after_it(talk: Conversation) -> None:
    talk.invited()
    opt_out_person(talk.db, Whom("STATION", talk.patient.nhs_number), OptOutScope.OUTREACH, CONSOLE)
    assert talk.answer() == MemberAnswer.OPTED_OUT
    talk.says("1")
    assert (talk.last().text_key, talk.last().state) == ("person-will-read", State.CANCELLED)
    assert inbox(talk.db) == ["no-open-question"]


def test_what_is_said_to_staff_counts_once_beside_what_was_texted(talk: Conversation) -> None:
    talk.invited().says("STOP prosze")
    before = talk.opt_outs
    opt_out_person(talk.db, Whom("STATION", talk.patient.nhs_number), OptOutScope.OUTREACH, CONSOLE)
    assert talk.opt_outs == before
    talk.says("START")
    assert [opt_out.lifted_at is None for opt_out in talk.opt_outs] == [False]


def test_two_colleagues_at_once_make_one_opt_out(staff: Staff) -> None:
    assert at_once(staff.opts_out, staff.opts_out) == []
    assert len(staff.opt_outs()) == 1


# Having died.


@pytest.mark.parametrize("day", [None, date(2026, 11, 24), date(2026, 11, 1)])
def test_a_death_is_recorded_with_the_day_or_without(staff: Staff, day: date | None) -> None:
    assert staff.died(day)["deceased"] is True
    assert (staff.person().deceased, staff.person().died_on) == (True, day)
    assert staff.why_not() == Reason.DECEASED
    assert staff.audited() == [("death-recorded", "practice")]


def test_the_texts_of_the_dead_are_cancelled_and_staff_learn_of_those_somebody_waits_for(staff: Staff) -> None:
    invitation, notice = staff.queued(), staff.queued(Kind.NOTICE)
    staff.died()
    assert state_of(staff, invitation) == state_of(staff, notice) == (State.CANCELLED, "deceased")
    assert inbox(staff.db) == ["deceased"]
    assert claim_due_messages(staff.db, staff.settings, 10) == []


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2026, 11, 25), "future-date"), (date(1960, 5, 11), "before-birth"), (date(9999, 12, 31), "future-date")],
)
def test_a_day_on_which_they_cannot_have_died_is_refused(staff: Staff, day: date, code: str) -> None:
    with pytest.raises(Refused) as refused:
        staff.died(day)
    assert refused.value.code == code
    assert not staff.person().deceased


@pytest.mark.parametrize("rows", [(cells(),), (cells(Date_of_Death="alive"),)], ids=["blank", "said to live"])
def test_no_list_without_a_day_brings_them_back(staff: Staff, rows: tuple[dict[str, str], ...]) -> None:
    staff.died(date(2026, 11, 1))
    for _ in range(2):
        staff.brings_in(*rows)
    assert (staff.person().deceased, staff.person().died_on) == (True, date(2026, 11, 1))


def test_a_list_gives_the_day_and_a_later_one_without_it_takes_nothing_back(staff: Staff) -> None:
    staff.died()
    for written in ("", "01/11/2026", "", "Y"):
        staff.brings_in(cells(Date_of_Death=written))
    assert (staff.person().deceased, staff.person().died_on) == (True, date(2026, 11, 1))


def test_a_death_that_staff_learn_of_after_a_list_outlives_the_next(staff: Staff) -> None:
    staff.brings_in(cells(Date_of_Death="01/11/2026"))
    staff.died()
    staff.brings_in(cells())
    assert (staff.person().deceased, staff.person().died_on) == (True, date(2026, 11, 1))


def test_recording_it_again_changes_nothing_and_may_give_the_day(staff: Staff) -> None:
    staff.died()
    staff.died()
    assert len(staff.audited()) == 1
    staff.died(date(2026, 11, 1))
    staff.died()
    assert staff.person().died_on == date(2026, 11, 1)
    assert len(staff.audited()) == 2


def test_the_reply_of_somebody_recorded_as_dead_goes_to_a_person(talk: Conversation) -> None:
    talk.invited()
    record_death(talk.db, Whom("STATION", talk.patient.nhs_number), None, CONSOLE)
    talk.says("1")
    assert (talk.last().text_key, talk.last().state) == ("person-will-read", State.CANCELLED)
    assert inbox(talk.db) == ["deceased"]


def test_a_referral_stays_with_its_partner_as_when_a_list_says_it(talk: Conversation) -> None:
    talk.invited().says("1")
    talk.says("1")
    record_death(talk.db, Whom("STATION", talk.patient.nhs_number), None, CONSOLE)
    assert [referral.state for referral in talk.referrals] == [ReferralState.SENT]


def test_a_mistake_is_taken_back_and_the_next_list_counts_again(staff: Staff) -> None:
    staff.died(date(2026, 11, 1))
    line = undo_death(staff.db, staff.whom, staff.actor)
    assert (line["deceased"], staff.person().died_on, staff.why_not()) == (False, None, None)
    undo_death(staff.db, staff.whom, staff.actor)
    assert [action for action, _ in staff.audited()] == ["death-recorded", "death-taken-back"]
    staff.brings_in(cells(Date_of_Death="01/11/2026"))
    assert staff.person().deceased


def test_what_the_list_says_is_put_right_in_the_list(staff: Staff) -> None:
    staff.brings_in(cells(Date_of_Death="01/11/2026"))
    with pytest.raises(Refused) as refused:
        undo_death(staff.db, staff.whom, staff.actor)
    assert refused.value.code == "list-says-so"
    assert staff.person().deceased


def test_two_colleagues_at_once_record_one_death(staff: Staff) -> None:
    assert at_once(staff.died, staff.died) == []
    assert len(staff.audited()) == 1


# Whose the number is.


@pytest.mark.parametrize("status", [PhoneStatus.UNSAFE, PhoneStatus.SHARED, PhoneStatus.FAILED, PhoneStatus.OWN])
def test_a_number_that_staff_confirm_may_be_texted(staff: Staff, status: PhoneStatus) -> None:
    change(staff.db, staff.patient, phone_status=status)
    assert staff.phone(Whose.OWN)["phone_status"] == "confirmed"
    assert staff.why_not() is None
    refresh_every_practice(staff.db, staff.settings)
    staff.brings_in(cells())
    assert (staff.person().phone_status, staff.why_not()) == (PhoneStatus.CONFIRMED, None)


def test_it_is_theirs_whoever_else_a_list_gives_it_to(staff: Staff) -> None:
    other = staff.another(nhs_number="9990000212")
    refresh_every_practice(staff.db, staff.settings)
    assert staff.why_not() == Reason.SHARED_PHONE
    staff.phone(Whose.OWN)
    refresh_every_practice(staff.db, staff.settings)
    staff.brings_in(cells(), cells(NHS_Number="9990000212"))
    assert (staff.why_not(), staff.why_not(patient=other)) == (None, Reason.SHARED_PHONE)


def test_it_cannot_be_two_peoples_own(staff: Staff) -> None:
    other = staff.another()
    staff.phone(Whose.OWN)
    with pytest.raises(Refused) as refused:
        staff.phone(Whose.OWN, other)
    assert refused.value.code == "number-of-another"
    staff.phone(Whose.NOT_OWN)
    assert staff.phone(Whose.OWN, other)["phone_status"] == "confirmed"


def test_of_two_colleagues_at_once_who_give_it_to_two_people_one_is_refused(staff: Staff) -> None:
    other = staff.another()
    refused = at_once(lambda: staff.phone(Whose.OWN), lambda: staff.phone(Whose.OWN, other))
    assert refused == ["number-of-another"]


@pytest.mark.parametrize("born", [CHILD, date(2010, 11, 25)])
def test_under_16_nobody_confirms_it_but_they_themselves(staff: Staff, born: date) -> None:
    child = staff.another(born=born, phone=ANOTHER, phone_status=PhoneStatus.UNSAFE)
    with pytest.raises(Refused) as refused:
        staff.phone(Whose.OWN, child)
    assert refused.value.code == "under-16"
    assert staff.why_not(patient=child) == Reason.UNSAFE_PHONE


def test_on_the_sixteenth_birthday_staff_may(staff: Staff) -> None:
    grown = staff.another(born=date(2010, 11, 24), phone=ANOTHER)
    assert staff.phone(Whose.OWN, grown)["phone_status"] == "confirmed"


@pytest.mark.parametrize("whose", Whose)
def test_of_somebody_without_a_number_nothing_can_be_said(staff: Staff, whose: Whose) -> None:
    nobody = staff.another(phone=None, phone_status=PhoneStatus.NONE)
    with pytest.raises(Refused) as refused:
        staff.phone(whose, nobody)
    assert refused.value.code == "no-mobile"


@pytest.mark.parametrize("whose", Whose)
def test_nothing_is_said_of_a_number_that_changed_since_it_was_looked_at(staff: Staff, whose: Whose) -> None:
    with pytest.raises(Refused) as refused:
        staff.phone(whose, seen=ANOTHER)
    assert refused.value.code == "number-changed"
    assert staff.person().phone_status == PhoneStatus.OWN


NOT_THEIRS = pytest.mark.parametrize(
    ("whose", "status"), [(Whose.NOT_OWN, PhoneStatus.UNSAFE), (Whose.WRONG, PhoneStatus.FAILED)]
)


@NOT_THEIRS
def test_a_number_that_is_not_theirs_is_not_texted_whatever_lists_and_jobs_say(
    staff: Staff, whose: Whose, status: PhoneStatus
) -> None:
    assert staff.phone(whose)["phone_status"] == status
    for mobile in ("07700 900123", "", "020 7946 0958", "07700 900123"):
        staff.brings_in(cells(Mobile_Telephone=mobile))
        refresh_every_practice(staff.db, staff.settings)
        assert (staff.person().phone_status, staff.why_not()) == (status, Reason.UNSAFE_PHONE), mobile


@NOT_THEIRS
def test_a_list_with_another_number_takes_its_place(staff: Staff, whose: Whose, status: PhoneStatus) -> None:
    staff.phone(whose)
    staff.brings_in(cells(Mobile_Telephone="07700 900321"))
    assert (staff.person().phone, staff.person().phone_status) == (ANOTHER, PhoneStatus.OWN)
    staff.brings_in(cells(Mobile_Telephone=""))
    assert staff.person().phone is None


@NOT_THEIRS
def test_what_waits_for_them_there_is_cancelled_answers_too(staff: Staff, whose: Whose, status: PhoneStatus) -> None:
    texts = {kind: staff.queued(kind) for kind in OUTREACH_AND_OTHERS}
    change(staff.db, texts[Kind.QUESTION], state=State.HELD)
    staff.phone(whose)
    left = {kind for kind, text in texts.items() if reload(staff.db, text).state == State.QUEUED}
    assert left == {Kind.EMERGENCY, Kind.RECEIPT}
    assert {reload(staff.db, text).reason for kind, text in texts.items() if kind not in left} == {"unsafe-phone"}


@NOT_THEIRS
def test_what_they_were_asked_there_cannot_be_answered_by_somebody_else(
    talk: Conversation, whose: Whose, status: PhoneStatus
) -> None:
    talk.invited().says("1")
    say_whose_phone(talk.db, Whom("STATION", talk.patient.nhs_number), whose, CONSOLE)
    talk.says("1")
    assert talk.referrals == []
    assert inbox(talk.db) == ["no-open-question"]


def test_of_several_on_one_phone_only_that_persons_texts_are_cancelled(staff: Staff) -> None:
    mother = staff.another()
    theirs, hers = staff.queued(Kind.ANSWER), staff.queued(Kind.ANSWER, mother)
    staff.phone(Whose.NOT_OWN)
    assert (reload(staff.db, theirs).state, reload(staff.db, hers).state) == (State.CANCELLED, State.QUEUED)
    assert staff.person(mother).phone_status == PhoneStatus.OWN


def test_a_confirmed_number_goes_with_the_list_and_a_wrong_one_may_turn_out_right(staff: Staff) -> None:
    staff.phone(Whose.WRONG)
    staff.phone(Whose.OWN)
    assert staff.why_not() is None
    staff.brings_in(cells(Mobile_Telephone=""))
    assert (staff.person().phone, staff.person().phone_status) == (None, PhoneStatus.NONE)


@pytest.mark.parametrize("whose", Whose)
def test_saying_it_again_changes_nothing(staff: Staff, whose: Whose) -> None:
    staff.phone(whose)
    staff.phone(whose)
    assert len(staff.audited()) == 1


def test_what_a_person_said_of_their_own_number_stays_theirs(staff: Staff) -> None:
    change(staff.db, staff.patient, phone_status=PhoneStatus.CONFIRMED, phone_source="patient")
    staff.phone(Whose.OWN)
    assert staff.person().phone_source == "patient"


# The language.


def test_what_is_queued_afterwards_goes_in_the_language_that_staff_recorded(talk: Conversation) -> None:
    assert set_persons_language(talk.db, Whom("STATION", talk.patient.nhs_number), "pl", CONSOLE)["language"] == "pl"
    assert talk.heard() == []
    talk.patient.language = talk.language()[0]
    talk.invited().says("1")
    assert talk.heard() == [("fuel-poverty-invitation", "pl"), ("fuel-poverty-consent", "pl")]


def test_a_list_treats_it_like_a_language_the_person_chose(staff: Staff) -> None:
    staff.language("so")
    staff.brings_in(cells(Main_Language="Polish"))
    staff.brings_in(cells(Main_Language=""))
    assert (staff.person().language, staff.person().language_source) == ("so", "staff")


@pytest.mark.parametrize(("tag", "kept"), [("PA-guru", "pa-Guru"), ("gu", "gu"), ("en-GB", "en"), ("zh", "zh-Hans")])
def test_a_tag_is_understood_in_any_case_worded_or_not(staff: Staff, tag: str, kept: str) -> None:
    assert staff.language(tag)["language"] == kept


@pytest.mark.parametrize("tag", ["xx", "", "klingon", "Polish", "../so", "pl,ro", "pl ", "pl\n"])
def test_a_tag_of_no_language_we_know_is_refused(staff: Staff, tag: str) -> None:
    with pytest.raises(Refused) as refused:
        staff.language(tag)
    assert refused.value.code == "unknown-language"
    assert staff.person().language == "pl"


def test_what_the_person_chose_themselves_stays_known_as_theirs(staff: Staff) -> None:
    change(staff.db, staff.patient, language_source="patient")
    staff.language("pl")
    assert (staff.person().language_source, staff.audited()) == ("patient", [])
    staff.language("so")
    assert staff.audited() == [("language-recorded", "practice")]


# Whom an item may be about.


def people_of(staff: Staff, item: InboxItem) -> list[tuple[str, bool, bool]]:
    with staff.db.read() as session:
        entry = find_item(session, staff.practice.id or 0, item.id or 0)
        assert entry is not None
        people = people_of_item(session, staff.practice.id or 0, entry)
    return [(known.name, known.has_its_phone, known.may_be_confirmed) for known in people]


def only_item(staff: Staff) -> InboxItem:
    with staff.db.read() as session:
        [item] = rows(session, InboxItem)
    return item


def test_an_item_is_about_everybody_with_its_phone(staff: Staff) -> None:
    staff.another(given_name="Bea", born=CHILD)
    text_in(staff.db, staff.settings, PHONE, "it is about my son")
    assert people_of(staff, only_item(staff)) == [("Alex Example", True, True), ("Bea Example", True, False)]


def test_and_about_whom_it_came_from_once_their_number_is_another(staff: Staff) -> None:
    text_in(staff.db, staff.settings, PHONE, "it is about my son")
    change(staff.db, staff.patient, phone=ANOTHER)
    assert people_of(staff, only_item(staff)) == [("Alex Example", False, True)]


def test_nobody_is_guessed_for_a_stranger(staff: Staff) -> None:
    text_in(staff.db, staff.settings, ANOTHER, "it is about my son")
    assert people_of(staff, only_item(staff)) == []
