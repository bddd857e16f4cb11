"""What a person is told of their visit, queued in the transaction in which it happens; nothing here changes a visit.

Each gives the message, or None where no text can go: staff then see that the person has to be phoned.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import and_, bindparam, select, update
from sqlmodel import Session, SQLModel, col

from bot.appointments.subject import VISIT, VISIT_CHANGED, about
from bot.clock import LONDON, utc_now
from bot.conversations.exchange import Exchange, say
from bot.messaging.outbox import queue_text
from bot.messaging.policy import AT_ONCE_FOR
from bot.messaging.questions import drop_questions_of
from bot.patients.eligibility import why_not, why_not_sql
from bot.patients.person_codes import make_person_code, person_code_of, show_code
from bot.refusals import Refused
from bot.rows import among, columns_of, objects_of
from bot.settings import Settings
from bot.tables.appointments import Clinic, ClinicPurpose, InterpreterState, Site, Visit
from bot.tables.interpreters import Interpreter, Mode
from bot.tables.messaging import Kind, Message, OpenQuestion, QuestionState, State
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PersonCode
from bot.texts.catalogue import Value, catalogue
from bot.wording.composing import NotApprovedError

ASKS_WHETHER_THEY_COME = "visit"
"""The question that a confirmation and the first reminder ask."""
ASKS_ABOUT_THE_INTERPRETER = "no-interpreter"
"""The question whether an interpreter by phone will do, or another day."""
NAMING = "visit-booked-woman-interpreter", "visit-booked-man-interpreter"
"""Texts that say who interprets."""
OF_YOUNG_PERSON, OF_PHONE_ALONE = "young-person-booked", "poster-booked"
"""What confirms a time in a clinic for young people; and one of a phone alone, which asks nothing."""
CONFIRMATIONS = (
    "visit-booked",
    "visit-booked-interpreter",
    "visit-booked-woman-interpreter",
    "visit-booked-man-interpreter",
    "visit-by-phone",
    "visit-moved",
    "young-person-booked",
    "poster-booked",
)
"""Texts that say when a visit is; `visit-by-phone` is a reminder too."""
SOON = timedelta(hours=24)
_WAKING = time(7), time(22)
"""Of what changes within a day the person hears in these hours in London, whatever the sending window."""


@dataclass(frozen=True)
class _News:
    """A text to a person about their visit. `sequence`: the state of the visit without which it does not go."""

    key: str
    what: str
    question: str | None = None
    sequence: int | None = None
    at_once: bool = False
    presses: bool = False


class SpokenOf(NamedTuple):
    """What texts about a visit speak of: the session has the `rows` for as long as they are held here.

    `why_not`: why its person cannot be texted, if so; `code`: the person's code that is in force.
    """

    why_not: str | None
    code: str | None
    rows: tuple[SQLModel | None, ...]


def spoken_of(session: Session, visit: Visit) -> SpokenOf:
    """Read at once what would be read one by one."""
    session.flush()
    _, phone = _whom(session, visit)
    given = {
        "of_practice": visit.practice_id,
        "of_site": visit.site_id,
        "of_interpreter": visit.interpreter_id,
        "of_patient": visit.patient_id,
        "of_phone": phone,
    }
    why, code, *found = session.connection().execute(_SPOKEN_OF, given).one()
    return SpokenOf(why, code, objects_of(session, found, Practice, Site, Interpreter))


_SPOKEN_OF = (
    select(why_not_sql(Kind.NOTICE, booked=True), col(PersonCode.code), *columns_of(Practice, Site, Interpreter))
    .select_from(Practice)
    .outerjoin(Site, col(Site.id) == bindparam("of_site"))
    .outerjoin(Interpreter, col(Interpreter.id) == bindparam("of_interpreter"))
    .outerjoin(Patient, col(Patient.id) == bindparam("of_patient"))
    .outerjoin(PersonCode, and_(col(PersonCode.patient_id) == col(Patient.id), col(PersonCode.replaced_at).is_(None)))
    .where(col(Practice.id) == bindparam("of_practice"))
)


def tell_booked(
    session: Session,
    settings: Settings,
    visit: Visit,
    *,
    exchange: Exchange | None = None,
    at_once: bool = False,
    spoken: SpokenOf | None = None,
) -> Message | None:
    """Confirm a visit, and ask whether they will come.

    :param exchange: the person booked by text, and is answered.
    :param at_once: the person is there, as when an interpreter books for them: it does not wait for the window.
    :param spoken: what the text speaks of, where it has been read.
    """
    spoken = spoken or spoken_of(session, visit)
    key = _confirmation_of(session, visit)
    news = _News(key, "booked", _asks(key), visit.sequence, at_once=at_once)
    return _tell(session, settings, visit, news, exchange, spoken)


def _asks(key: str) -> str | None:
    return None if key == OF_PHONE_ALONE else ASKS_WHETHER_THEY_COME


def tell_moved(
    session: Session, settings: Settings, visit: Visit, *, exchange: Exchange | None = None, at_once: bool = False
) -> Message | None:
    """The practice moved a visit: when it is now, and whether that suits. Who moved it by text gets a confirmation."""
    if exchange is not None or at_once:
        return tell_booked(session, settings, visit, exchange=exchange, at_once=at_once)
    key = OF_PHONE_ALONE if visit.patient_id is None else "visit-moved"
    news = _News(key, "moved", _asks(key), visit.sequence, presses=True)
    return _tell(session, settings, visit, news, None)


def tell_off(session: Session, settings: Settings, visit: Visit, *, exchange: Exchange | None = None) -> Message | None:
    """The practice cannot keep a visit."""
    return _tell(session, settings, visit, _News("visit-off", "off", presses=True), exchange)


def tell_given_up(
    session: Session, settings: Settings, visit: Visit, *, exchange: Exchange | None = None
) -> Message | None:
    """The person does not need their visit, and it is off."""
    return _tell(session, settings, visit, _News("visit-given-up", "given-up"), exchange)


def tell_no_interpreter(session: Session, settings: Settings, visit: Visit) -> Message | None:
    """No interpreter can come, and what the person wants instead. Nobody is asked to bring anybody."""
    news = _News("interpreter-lost", "no-interpreter", ASKS_ABOUT_THE_INTERPRETER, visit.sequence, presses=True)
    return _tell(session, settings, visit, news, None)


def tell_interpreter_by_phone(session: Session, settings: Settings, visit: Visit) -> Message | None:
    """Another interpreter helps by phone or video, which the person may refuse."""
    news = _News("interpreter-by-phone", "by-phone", ASKS_ABOUT_THE_INTERPRETER, visit.sequence, presses=True)
    return _tell(session, settings, visit, news, None)


def withdraw_reminders(session: Session, visit: Visit, *, questions: bool = True) -> int:
    """Take back every text that speaks of the visit as it was and has not gone, and what such texts asked.

    :param questions: what was asked of it as it was cannot be answered any more either.
    :return: how many texts.
    """
    return withdraw_reminders_of(session, [visit.id or 0], questions=questions)


def withdraw_reminders_of(session: Session, visit_ids: Sequence[int], *, questions: bool = True) -> int:
    """`withdraw_reminders` of some visits at once."""
    theirs = (col(Message.subject_kind) == VISIT, among(session, col(Message.subject_id), visit_ids))
    waiting = col(Message.state).in_((State.QUEUED, State.HELD)), col(Message.subject_sequence).is_not(None)
    changes = {"state": State.CANCELLED, "reason": VISIT_CHANGED, "updated_at": utc_now()}
    withdrawn = session.execute(update(Message).where(*theirs, *waiting).values(changes).returning(col(Message.id)))
    ids = [row[0] for row in withdrawn]
    drop_questions_of(session, ids)
    if questions:
        _ask_no_more(session, visit_ids)
    return len(ids)


def _ask_no_more(session: Session, visit_ids: Sequence[int]) -> None:
    """An answer to what was asked of the visit as it was must not count for the visit as it is."""
    asked = update(OpenQuestion).where(
        col(OpenQuestion.subject_kind) == VISIT,
        among(session, col(OpenQuestion.subject_id), visit_ids),
        col(OpenQuestion.state) == QuestionState.OPEN,
    )
    session.execute(asked.values(state=QuestionState.EXPIRED))


def visit_values(session: Session, visit: Visit, key: str, spoken: SpokenOf | None = None) -> Mapping[str, Value]:
    """The values of those slots of a text that speak of a visit."""
    wall = visit.starts.astimezone(LONDON)
    known: dict[str, Callable[[], Value]] = {
        "date": wall.date,
        "time": wall.time,
        "minutes": lambda: minutes_of(visit),
        "place": lambda: place_of(session, visit),
        "address": lambda: place_of(session, visit),
        "interpreter": lambda: session.get_one(Interpreter, visit.interpreter_id).name,
        "code": lambda: _code_of(session, visit.patient_id or 0, spoken),
    }
    return {name: known[name]() for name in catalogue()[key].slots if name in known}


def _code_of(session: Session, patient_id: int, spoken: SpokenOf | None) -> str:
    known = spoken.code if spoken else person_code_of(session, patient_id)
    return show_code(known or make_person_code(session, patient_id))


def minutes_of(visit: Visit) -> int:
    """How long a visit takes."""
    return int((visit.ends - visit.starts).total_seconds()) // 60


def place_of(session: Session, visit: Visit) -> str:
    """Where to come, as a text writes it: the practice's name where no site is known."""
    if visit.site_id is None:
        return session.get_one(Practice, visit.practice_id).name
    return site_in_words(session.get_one(Site, visit.site_id), _clinic_of(session, visit))


def _clinic_of(session: Session, visit: Visit) -> Clinic | None:
    return session.get(Clinic, visit.clinic_id) if visit.clinic_id else None


def is_for_young_people(clinic: Clinic | None) -> bool:
    """Whether a clinic is one for young people."""
    return clinic is not None and clinic.purpose == ClinicPurpose.YOUTH


def place_in_words(site: Site | None, practice: Practice) -> str:
    """Where it is: the site's public name and address, else the practice's name."""
    return site_in_words(site) if site else practice.name


def site_in_words(site: Site, clinic: Clinic | None = None) -> str:
    """A site as a text writes it.

    :param clinic: of one for young people no more than the address is said: the name may tell what it is for.
    """
    return site.address if is_for_young_people(clinic) else f"{site.name}, {site.address}"


def why_no_text(session: Session, visit: Visit) -> str | None:
    """Why the person of a visit cannot be texted about it, by the code of a reason; None where they can."""
    patient, phone = _whom(session, visit)
    if phone is None:
        return "no-mobile"
    return why_not(session, Kind.NOTICE, visit.practice_id, phone, patient.id if patient else None, booked=True)


def _confirmation_of(session: Session, visit: Visit) -> str:
    """Which text confirms a visit: an interpreter is promised only where one is booked."""
    if visit.patient_id is None:
        return OF_PHONE_ALONE
    if is_for_young_people(_clinic_of(session, visit)):
        return OF_YOUNG_PERSON
    if visit.mode == Mode.TELEPHONE:
        return "visit-by-phone"
    if visit.interpreter_state != InterpreterState.BOOKED:
        return "visit-booked"
    interpreter = session.get(Interpreter, visit.interpreter_id) if visit.interpreter_id else None
    by_sex = {"F": "visit-booked-woman-interpreter", "M": "visit-booked-man-interpreter"}
    return by_sex.get(interpreter.sex if interpreter else "U", "visit-booked-interpreter")


def _whom(session: Session, visit: Visit) -> tuple[Patient | None, str | None]:
    patient = session.get(Patient, visit.patient_id) if visit.patient_id else None
    return patient, patient.phone if patient else visit.phone


def _tell(
    session: Session,
    settings: Settings,
    visit: Visit,
    news: _News,
    exchange: Exchange | None,
    spoken: SpokenOf | None = None,
) -> Message | None:
    spoken = spoken or spoken_of(session, visit)
    if exchange is None:
        return _notify(session, settings, visit, news, spoken)
    return say(
        exchange,
        news.key,
        visit_values(session, visit, news.key, spoken),
        kind=Kind.ANSWER,
        limited=news.key != OF_PHONE_ALONE,  # it can start so often a day, and no oftener
        question=news.question,
        subject=about(visit),
        sequence=news.sequence,
    )


def _notify(session: Session, settings: Settings, visit: Visit, news: _News, spoken: SpokenOf) -> Message | None:
    """Queue a text that answers nothing, where it may go at all."""
    patient, phone = _whom(session, visit)
    if phone is None or spoken.why_not is not None:
        return None
    now = utc_now()
    not_before, at_once_until = _when(visit, news, now)
    try:
        return queue_text(
            session,
            settings,
            text_key=news.key,
            language=patient.language if patient else None,
            values=visit_values(session, visit, news.key, spoken),
            phone=phone,
            practice=session.get_one(Practice, visit.practice_id),
            kind=Kind.NOTICE,
            subject=about(visit),
            question=news.question,
            patient_id=visit.patient_id,
            subject_sequence=news.sequence,
            dedupe_key=f"visit:{visit.id}:{visit.sequence}:{news.what}",
            not_before=not_before,
            at_once_until=at_once_until,
            use_by=visit.starts if visit.starts > now else None,
        )
    except (NotApprovedError, Refused):
        return None


def _when(visit: Visit, news: _News, now: datetime) -> tuple[datetime, datetime | None]:
    """From when a text may go, and until when it need not wait for the sending window."""
    if news.at_once:
        return now, now + AT_ONCE_FOR
    if not news.presses or visit.starts > now + SOON:
        return now, None
    wakes, sleeps = (datetime.combine(now.astimezone(LONDON), hour, LONDON) for hour in _WAKING)
    if now >= sleeps:
        wakes, sleeps = (moment + timedelta(days=1) for moment in (wakes, sleeps))
    return max(now, wakes.astimezone(UTC)), sleeps.astimezone(UTC)
