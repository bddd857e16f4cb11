"""Whether a person may be texted: a plan, the inbox and a claim give the same first reason, whoever the person is."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bot.campaigns.english_classes import CRITERIA
from bot.campaigns.fuel_poverty import COLD_HOME_RESPIRATORY
from bot.clock import born_by, london_today, utc_now
from bot.database import Database
from bot.messaging.claiming import claim_due_messages
from bot.messaging.outbox import queue_text
from bot.patients.eligibility import ASKED, ON_RECORD, Reason, reason_sql, why_not
from bot.settings import Settings
from bot.tables.messaging import Kind, Message, State
from bot.tables.organisations import Practice, Sender
from bot.tables.patients import OptOut, OptOutScope, Patient, PatientCode, PhoneStatus
from tests.factories import ASTHMA, make_practice, nhs_number
from tests.factories import test_phone as phone_number
from tests.messaging.helpers import OUTREACH_AND_OTHERS, with_changes

PHONES = [phone_number(number) for number in range(3)]
OLD_PHONE = phone_number(3)
"""A number that is on no record any more; wishes may still be known of it."""
UNKNOWN_PHONE = phone_number(4)
_practices = itertools.count(1)


@dataclass(frozen=True)
class Somebody:
    """A person as a list, a reply or a colleague may have left them."""

    phone: str | None = PHONES[0]
    status: PhoneStatus = PhoneStatus.OWN
    told_us: bool = False
    deceased: bool = False
    died_on: date | None = None
    registered: bool = True
    disputed: bool = False
    refused: bool = False
    born: date = date(1960, 5, 12)
    has_asthma: bool = True

    @property
    def has_it_to_themselves(self) -> bool:
        return self.status == PhoneStatus.CONFIRMED and self.told_us


@dataclass(frozen=True)
class Wish:
    """A wish not to be texted: of a phone, of a person (by their place in the practice), or of both."""

    phone: str = PHONES[0]
    whose: int | None = None
    scope: OptOutScope = OptOutScope.OUTREACH
    lifted: bool = False
    here: bool = True


@dataclass(frozen=True)
class Household:
    people: tuple[Somebody, ...]
    wishes: tuple[Wish, ...] = ()


seldom = st.integers(0, 5).map(lambda drawn: drawn == 0)
texted = st.sampled_from([PhoneStatus.OWN, PhoneStatus.CONFIRMED])
somebody = st.builds(
    Somebody,
    phone=st.sampled_from([*PHONES, *PHONES, None]),
    status=st.one_of(texted, texted, st.sampled_from(PhoneStatus)),
    told_us=st.booleans(),
    deceased=seldom,
    died_on=st.sampled_from([None, None, None, None, date(2026, 11, 3)]),
    registered=seldom.map(lambda drawn: not drawn),
    disputed=seldom,
    refused=seldom,
    born=st.sampled_from(
        [date(1931, 1, 1), date(1960, 5, 12), date(2008, 11, 24), date(2008, 11, 25), date(2022, 5, 1)]
    ),
    has_asthma=st.integers(0, 3).map(bool),
)
wish = st.builds(
    Wish,
    phone=st.sampled_from([*PHONES, OLD_PHONE]),
    whose=st.one_of(st.none(), st.integers(0, 5)),
    scope=st.sampled_from(OptOutScope),
    lifted=seldom,
    here=seldom.map(lambda drawn: not drawn),
)
household = st.builds(
    Household,
    people=st.lists(somebody, min_size=3, max_size=6).map(tuple),
    wishes=st.lists(wish, max_size=3).map(tuple),
)


def first_reason(who: int, home: Household, kind: str) -> str | None:
    """The rules said again, one person at a time and without SQL."""
    person = home.people[who]
    others = [other for index, other in enumerate(home.people) if index != who and other.phone == person.phone]
    safe = person.status in (PhoneStatus.OWN, PhoneStatus.CONFIRMED)
    no_number = (PhoneStatus.NONE, PhoneStatus.NOT_MOBILE, PhoneStatus.NOT_UK, PhoneStatus.UNREADABLE)
    taken = others and (not person.has_it_to_themselves or any(other.has_it_to_themselves for other in others))
    by_scope = kind in (Kind.NOTICE, Kind.REMINDER)
    opted_out = any(
        wish.here
        and not wish.lifted
        and (wish.phone == person.phone or wish.whose == who)
        and (wish.scope == OptOutScope.ALL or not by_scope)
        for wish in home.wishes
    )
    found = {
        "deceased": person.deceased or person.died_on is not None,
        "not-registered": not person.registered,
        "no-mobile": person.phone is None or person.status in no_number,
        "shared-phone": person.status == PhoneStatus.SHARED or (safe and taken),
        "unsafe-phone": not safe or person.disputed,
        "texting-refused": person.refused,
        "opted-out": opted_out,
    }
    asked = {
        "emergency": (),
        "receipt": (),
        "alert": (),
        "answer": ("deceased", "opted-out"),
        "question": ("deceased", "opted-out"),
        "notice": tuple(name for name in found if name != "not-registered"),
        "reminder": tuple(name for name in found if name != "not-registered"),
        "outreach": tuple(found),
    }[kind]
    return next((name for name in asked if found[name]), None)


def move_in(session: Session, practice: Practice, elsewhere: Practice, home: Household) -> list[Patient]:
    """Store the people of a household in a practice, and the wishes there and at another one."""
    now = utc_now()
    people = [
        Patient(
            practice_id=practice.id,
            nhs_number=nhs_number(index),
            born=person.born,
            phone=person.phone,
            phone_status=person.status,
            phone_source="patient" if person.told_us else "list",
            language="pl",
            registered=person.registered,
            deceased=person.deceased,
            died_on=person.died_on,
            texting_refused=person.refused,
            disputed=person.disputed,
            created_at=now,
            updated_at=now,
        )
        for index, person in enumerate(home.people)
    ]
    session.add_all(people)
    session.flush()
    ill = [patient for patient, person in zip(people, home.people, strict=True) if person.has_asthma]
    session.add_all(PatientCode(patient_id=patient.id, code=ASTHMA) for patient in ill)
    for said in home.wishes:
        opt_out = OptOut(
            practice_id=(practice if said.here else elsewhere).id,
            phone=said.phone,
            patient_id=people[said.whose].id if said.here and said.whose in range(len(people)) else None,
            scope=said.scope,
            source="test",
            recorded_at=now,
            lifted_at=now if said.lifted else None,
        )
        session.add(opt_out)
    session.flush()
    return people


def queue_each_kind(
    session: Session, settings: Settings, practice: Practice, patient: Patient | None, phone: str
) -> dict[str, int]:
    """A queued text of every kind to one phone about one person; gives their ids."""
    return {
        kind: queue_text(
            session,
            settings,
            text_key="emergency",
            language="en",
            values={},
            phone=phone,
            practice=practice,
            kind=kind,
            patient_id=patient.id if patient else None,
        ).id
        or 0
        for kind in OUTREACH_AND_OTHERS
    }


def of_the_whole_practice(session: Session, practice: Practice, kind: str) -> dict[int | None, str | None]:
    """The first reason of everybody at once, as a plan asks."""
    asked = select(col(Patient.id), reason_sql(ON_RECORD, kind)).where(Patient.practice_id == practice.id)
    return dict(session.execute(asked).all())


def of_criteria(session: Session, practice: Practice) -> dict[int | None, str | None]:
    asked = select(col(Patient.id), COLD_HOME_RESPIRATORY.reason_sql(london_today()))
    found = session.execute(asked.where(Patient.practice_id == practice.id))
    return dict(found.all())


def before_it(person: Somebody) -> str | None:
    """The reasons that the criteria ask before those that always hold."""
    if not person.has_asthma:
        return "no-condition"
    return "under-age" if person.born > born_by(18, london_today()) else None


def claimed(db: Database, settings: Settings, queued: Sequence[dict[str, int]]) -> list[dict[str, str | None]]:
    """Claim all that is due; for each text the reason it was cancelled for, None where it goes."""
    texts = sum(len(kinds) for kinds in queued)
    with db.write() as session:
        for sender in session.exec(select(Sender)):
            sender.tokens_at = utc_now() - timedelta(minutes=1)
            session.add(sender)
    claim_due_messages(db, with_changes(settings, sender_parts_per_second=1000), texts)
    with db.read() as session:
        return [{kind: _outcome(session.get_one(Message, id_)) for kind, id_ in kinds.items()} for kinds in queued]


def _outcome(message: Message) -> str | None:
    assert message.state in (State.SENDING, State.CANCELLED), message.state
    assert (message.state == State.CANCELLED) == (message.reason is not None)
    return message.reason


moved = Household((Somebody(phone=PHONES[1]), Somebody(phone=None)), (Wish(phone=OLD_PHONE, whose=0),))
said_so = Somebody(status=PhoneStatus.CONFIRMED, told_us=True)


@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@example(moved)
@example(Household((said_so, Somebody(), Somebody(refused=True, disputed=True))))
@example(Household((said_so, said_so, Somebody(status=PhoneStatus.FAILED, phone=PHONES[1]))))
@given(household)
def test_a_plan_the_inbox_and_a_claim_give_the_same_first_reason(
    db: Database, settings: Settings, home: Household
) -> None:
    practice, elsewhere = (make_practice(db, f"P{next(_practices)}") for _ in range(2))
    with db.write() as session:
        people = move_in(session, practice, elsewhere, home)
        phones = [patient.phone or UNKNOWN_PHONE for patient in people]
        pairs = list(zip(people, phones, strict=True))
        to_their_phone = [queue_each_kind(session, settings, practice, *pair) for pair in pairs]
        to_an_old_one = queue_each_kind(session, settings, practice, people[0], OLD_PHONE)
        to_nobody = queue_each_kind(session, settings, practice, None, PHONES[0])
    with db.read() as session:
        planned = {kind: of_the_whole_practice(session, practice, kind) for kind in OUTREACH_AND_OTHERS}
        by_criteria = of_criteria(session, practice)

        def of_one(patient: Patient | None, phone: str) -> dict[str, str | None]:
            person = patient.id if patient else None
            return {kind: why_not(session, kind, practice.id or 0, phone, person) for kind in OUTREACH_AND_OTHERS}

        offered = [of_one(*pair) for pair in pairs]
        offered_too = [of_one(people[0], OLD_PHONE), of_one(None, PHONES[0])]
    gone = claimed(db, settings, [*to_their_phone, to_an_old_one, to_nobody])

    assert [{kind: planned[kind][patient.id] for kind in OUTREACH_AND_OTHERS} for patient in people] == [
        {kind: first_reason(who, home, kind) for kind in OUTREACH_AND_OTHERS} for who in range(len(people))
    ]
    assert offered == [{kind: planned[kind][patient.id] for kind in OUTREACH_AND_OTHERS} for patient in people]
    assert gone == [*offered, *offered_too]
    for patient, person in zip(people, home.people, strict=True):
        assert by_criteria[patient.id] == (before_it(person) or planned[Kind.OUTREACH][patient.id])


def test_the_reasons_are_asked_in_the_order_in_which_a_plan_counts_them() -> None:
    always = "deceased not-registered no-mobile shared-phone unsafe-phone texting-refused opted-out".split()
    assert list(Reason) == always
    assert COLD_HOME_RESPIRATORY.reasons == ("no-condition", "under-age", *always)
    assert CRITERIA.reasons == ("no-language", "english-speaker", "under-age", *always)


def test_every_kind_of_text_that_we_send_says_which_rules_it_asks() -> None:
    assert set(ASKED) == set(OUTREACH_AND_OTHERS)
