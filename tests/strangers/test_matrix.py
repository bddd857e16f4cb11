"""Every route, method and role, asked for what is the own organisation's and for what is another's.

The pairs come from the map of addresses: a new route is tried without anybody thinking of it, and a part of an
address that this file does not know fails until it is told what to put there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.routing import Rule

import bot.tables
from bot.accounts.access import PUBLIC, open_to
from bot.audit import CONSOLE
from bot.campaigns.planning import plan_campaign
from bot.clock import utc_now
from bot.database import Database
from bot.lists.judging.grouping import person_to_json
from bot.lists.judging.verdicts import PersonIn
from bot.patients.person_codes import unused_code
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.appointments import AppointmentReport, OwnSystemTask, Visit
from bot.tables.attention import InboxItem, InboxNote
from bot.tables.conversations import ReplyReading
from bot.tables.free_texts import FreeTextRequest
from bot.tables.lists import ListConflict, ListImport
from bot.tables.messaging import Message
from bot.tables.organisations import Agency, Partner, Pharmacy, Practice, Sender
from bot.tables.partners import Consent, Referral, ReferralNote, ReferralState, ReferralText
from bot.tables.patients import Patient
from bot.tables.pharmacy import CounterSearch, LanguageReport, Notice
from bot.tables.translation import GIST, Translation, TranslationState
from bot.tables.wording import WordingApproval, WordingDraft, WordingRejection, WordProposal
from bot.texts.catalogue import catalogue
from bot.translation.requests import ask_for_translation
from bot.wording.standing import hash_of
from tests.applications import application, browser_of
from tests.appointments.clinics import Ground, make_clinic, make_clinician, make_site, make_visit
from tests.factories import join, make_account, make_partner, make_patient, make_practice, queue_staff_text, text_in
from tests.interpreters.making import make_agency, make_interpreter
from tests.pharmacy.organising.making import make_pharmacy

SENTINEL = {"HERE": "Ownperson", "THERE": "Secretperson"}
SENDERS = {"HERE": "+441632960001", "THERE": "+441632960002"}
WITHOUT_PATIENTS = (Role.ADMIN, Role.REVIEWER, Role.PHARMACY, Role.INTERPRETER)
"""Roles to which no page shows a patient of a practice."""
INTERPRETERS = {"HERE": "here@example.org", "THERE": "there@example.org"}
"""The accounts of the interpreters who are known to an agency."""
PHONES = {"HERE": "+447700900111", "THERE": "+447700900222"}
ANSWERS_OF_OURS = {200, 303, 400, 404, 409}
"""What a route may answer about the own organisation: done, shown, or something was missing in the form."""
BELONGING = {
    *("campaign_id", "import_id", "conflict_id", "item_id", "number", "code", "practice_code", "translation_id"),
    *("report_id", "task_id"),
    "visit_code",
    *("search_id", "notice_id", "language_report_id"),
}
"""Parts of an address that name a row of one organisation."""
REFUSALS = {400, 403, 404, 409}
"""What a route may answer when the row is another organisation's."""
OF_STRANGERS = {200, 303, 400, 401, 403, 404, 409, 503}
"""What a route that needs no session may answer without the signature or the key it asks for."""
_COMMON = {
    "name": "cold-home-respiratory",
    "change": "hold",
    "action": "ask-again",
    "filename": "icon.svg",
    "token": "none",
    "attempt_ref": "none",
    "tag": "ur",
    "day": "2026-12-01",
    "key": "call-offer",
    "lists": "danger",
    "concept": "pain",
    "id": "none",
    "deed": "test",
}
_COUNTS = dict.fromkeys(("rows", "accepted", "fixed", "rejected", "duplicates", "conflicts", "stored"), 1)


@dataclass
class Organisation:
    """A practice, its partner and its pharmacy, with one row of everything that has a number in an address."""

    practice: Practice
    partner: Partner
    agency: Agency
    pharmacy: Pharmacy
    parameters: dict[str, Any]


@pytest.fixture
def here(db: Database, settings: Settings) -> Organisation:
    return organisation(db, settings, "HERE")


@pytest.fixture
def there(db: Database, settings: Settings) -> Organisation:
    return organisation(db, settings, "THERE")


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    """Tokens against forged forms have tests of their own."""
    return application(settings, db, tokens=False)


def organisation(db: Database, settings: Settings, code: str) -> Organisation:
    with db.write() as session:
        sender = Sender(number=SENDERS[code], tokens=10, tokens_at=utc_now())
        session.add(sender)
    practice = make_practice(db, code, sender_id=sender.id)
    partner = make_partner(db, practice, code=f"P-{code}", name=f"Partner {code}")
    patient = make_patient(db, practice, surname=SENTINEL[code], phone=PHONES[code])
    asked = queue_staff_text(db, settings, practice, patient)
    answer = text_in(db, settings, PHONES[code], f"Please call me, {SENTINEL[code]}", to=SENDERS[code])
    planned = plan_campaign(db, settings, code, "fuel-poverty", partner.code, None, CONSOLE)
    account = make_account(db, Role.LEAD, practice=practice)
    with db.write() as session:
        parameters = rows_of(session, practice, partner, patient, asked, answer)
        session.add_all(wordings_by(account.id or 0))
        proposal = word_by(account.id or 0, code.lower())
        session.add(proposal)
    numbers = {
        "campaign_id": planned.campaign,
        "account_id": account.id,
        "sender_id": sender.id,
        "patient_id": patient.id,
        "word_id": proposal.id,
    }
    agency = make_agency(db, practice, code=f"A-{code}")
    numbers["visit_code"] = visit_of(db, practice, patient, agency, code)
    pharmacy = make_pharmacy(db, practice, code=f"D-{code}", name=f"Pharmacy {code}", ods=f"F{code}")
    numbers |= counter_of(db, pharmacy, practice, patient, code)
    codes = {"practice_code": code, "pharmacy_code": pharmacy.code}
    return Organisation(practice, partner, agency, pharmacy, _COMMON | numbers | parameters | codes)


def counter_of(
    db: Database, pharmacy: Pharmacy, practice: Practice, patient: Patient, code: str
) -> dict[str, str | int | None]:
    """A search at the counter of a pharmacy, something it said, and a language it reports."""
    whose = {"pharmacy_id": pharmacy.id or 0, "patient_id": patient.id or 0}
    account = make_account(db, Role.PHARMACY, pharmacy=pharmacy)
    now = utc_now()
    with db.write() as session:
        report = LanguageReport(**whose, practice_id=practice.id or 0, language="pl", said_at=now)
        said = {"kind": "ready", "state": "queued", "source": "form", "made_by": "console"}
        notice = Notice(public=f"notice-{code}", **whose, **said, created_at=now, changed_at=now)
        until = now + timedelta(minutes=15)
        name = {"public": f"search-{code}", "user_id": account.id or 0}
        search = CounterSearch(**name, **whose, by_number=False, at=now, until=until)
        session.add_all([report, notice, search])
        session.flush()
    return {"search_id": search.public, "notice_id": notice.public, "language_report_id": report.id}


def visit_of(db: Database, practice: Practice, patient: Patient, agency: Agency, code: str) -> str:
    """A visit for which the interpreter of an agency is booked; gives its code."""
    interpreter = make_interpreter(db, agency, "ur", email=INTERPRETERS[code])
    site = make_site(db, practice)
    ground = Ground(practice, site, make_clinician(db, practice), make_clinic(db, practice, site), patient)
    own = {"interpreter_id": interpreter.id, "interpreter_mode": "in-person", "interpreter_state": "booked"}
    return make_visit(db, ground, **own).code


def wordings_by(account_id: int) -> list[Any]:
    """A draft, an approval and a rejection of the text that has an address here."""
    about: dict[str, Any] = {"text_key": _COMMON["key"], "language": _COMMON["tag"]}
    source, digest, now = hash_of(catalogue()[_COMMON["key"]].source), "0" * 64, utc_now()
    return [
        WordingDraft(**about, body="9", source_hash=source, origin="edit", made_by=account_id, made_at=now),
        WordingApproval(
            **about, digest=digest, body="9", source="9", approved_by=account_id, approved_at=now, needed=2
        ),
        WordingRejection(**about, digest=digest, why="9", rejected_by=account_id, rejected_at=now),
    ]


def word_by(account_id: int, word: str) -> WordProposal:
    """A word for a list that waits for a second reader."""
    about = {"language": "ur", "lists": "danger", "concept": "pain", "change": "add"}
    return WordProposal(**about, entry=word, proposed_by=account_id, proposed_at=utc_now())


def rows_of(
    session: Session, practice: Practice, partner: Partner, patient: Patient, asked: Message, answer: Message
) -> dict[str, Any]:
    """A list waiting for its confirmation, a conflict in it, a referral, and the inbox item that is there already."""
    secret = SENTINEL[practice.code]
    content = f"NHS Number,Date of Birth,Surname\n{patient.nhs_number},12/05/1960,{secret}\n".encode()
    uploaded = ListImport(
        practice_id=practice.id, file_name="a.csv", content=content, counts=_COUNTS, created_at=utc_now()
    )
    described = PersonIn(patient.nhs_number, patient.born, secret)
    conflict = ListConflict(
        practice_id=practice.id,
        nhs_number=patient.nhs_number,
        digest=practice.code,
        fields=["Surname"],
        versions=[{"row": row, "person": person_to_json(described)} for row in (2, 3)],
        found_at=utc_now(),
    )
    session.add_all([uploaded, conflict])
    referral = referral_of(session, practice, partner, patient, asked, answer)
    item = session.exec(select(InboxItem).where(InboxItem.practice_id == practice.id)).first()
    assert item is not None
    session.add(InboxNote(item_id=item.id or 0, words=f"Rang {secret}", at=utc_now()))
    session.flush()
    gist = gist_of(session, practice, answer)
    session.add(ReferralText(referral_id=referral.id or 0, message_id=answer.id or 0))
    return {
        "import_id": uploaded.id,
        "conflict_id": conflict.id,
        "item_id": item.id,
        "code": referral.code,
        "translation_id": gist.id,
        **visits_of(session, practice, patient),
        "number": words_of_our_own(session, practice, item),
    }


def visits_of(session: Session, practice: Practice, patient: Patient) -> dict[str, Any]:
    """An appointment report that waits, a visit of an earlier one, and something to do about it."""
    secret = SENTINEL[practice.code]
    content = f"NHS Number,Date,Time,Clinician\n{patient.nhs_number},01/12/2026,09:30,Dr {secret}\n".encode()
    waiting = AppointmentReport(practice_id=practice.id, file_name="a.csv", content=content, created_at=utc_now())
    starts = utc_now() + timedelta(days=3)
    visit = Visit(
        code=unused_code(session),
        practice_id=practice.id,
        patient_id=patient.id,
        starts=starts,
        ends=starts + timedelta(minutes=10),
        kind="external",
        made_by="console",
        made_at=utc_now(),
        changed_at=utc_now(),
    )
    session.add_all([waiting, visit])
    session.flush()
    task = OwnSystemTask(practice_id=practice.id or 0, visit_id=visit.id or 0, what="take-out", made_at=utc_now())
    session.add(task)
    session.flush()
    return {"report_id": waiting.id, "task_id": task.id}


def gist_of(session: Session, practice: Practice, answer: Message) -> Translation:
    """What a machine made of a text, which was not read as English."""
    session.get_one(ReplyReading, answer.id).language = "pl"
    gist = Translation(
        purpose=GIST,
        message_id=answer.id,
        practice_id=practice.id,
        source_language="pl",
        target_language="en",
        source=answer.body,
        text=f"Please call me, {SENTINEL[practice.code]}",
        model="pl-en 1.9",
        state=TranslationState.DONE,
        requested_at=utc_now(),
    )
    session.add(gist)
    session.flush()
    return gist


def words_of_our_own(session: Session, practice: Practice, item: InboxItem) -> int | None:
    """A colleague has asked for a translation of what they want to tell."""
    words = f"Come, {SENTINEL[practice.code]}"
    asked = {"source": "en", "target": "ur", "purpose": "free-text", "practice_id": practice.id}
    translation = ask_for_translation(session, words, **asked)
    session.add(FreeTextRequest(translation_id=translation.id, item_id=item.id, seen=0, at_once=False))
    return translation.id


def referral_of(
    session: Session, practice: Practice, partner: Partner, patient: Patient, asked: Message, answer: Message
) -> Referral:
    shared = {"practice_id": practice.id, "partner_id": partner.id, "patient_id": patient.id}
    consent = Consent(
        **shared,
        text_key="fuel-poverty-consent",
        language="en",
        wording_digest="d",
        question="May we?",
        question_message_id=asked.id,
        answer_message_id=answer.id,
        given_at=utc_now(),
    )
    session.add(consent)
    session.flush()
    times = {"created_at": utc_now(), "updated_at": utc_now()}
    referral = Referral(
        purpose="fuel-poverty",
        **shared,
        **times,
        code=f"R{practice.code}",
        consent_id=consent.id,
        state=ReferralState.SENT,
        said="Please",
    )
    session.add(referral)
    session.flush()
    note = f"{SENTINEL[practice.code]} does not answer"
    session.add(ReferralNote(referral_id=referral.id or 0, words=note, at=utc_now()))
    return referral


def visitor(app: Flask, db: Database, role: Role, organisation: Organisation) -> FlaskClient:
    """A browser that is signed in with a new account of that role."""
    with_partner = {"partner": organisation.partner} if role == Role.PARTNER else {}
    if role == Role.INTERPRETER:
        email = INTERPRETERS[organisation.practice.code]
        return browser_of(app, make_account(db, role, agency=organisation.agency, email=email))
    if role == Role.PHARMACY:
        return browser_of(app, make_account(db, role, pharmacy=organisation.pharmacy))
    with_practice = {} if role in (Role.PARTNER, Role.ADMIN) else {"practice": organisation.practice}
    return browser_of(app, make_account(db, role, **with_partner, **with_practice))


def routes(app: Flask) -> Iterator[tuple[Rule, str, frozenset[Role]]]:
    """Every address and method, with the roles it is open to. Signing out comes last: it ends what asks."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule == "/sign-out", rule.rule)):
        roles = PUBLIC if rule.endpoint == "static" else open_to(app.view_functions[rule.endpoint])
        assert roles is not None, f"{rule.endpoint} does not say who may open it"
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield rule, method, roles


def address(app: Flask, rule: Rule, parameters: Mapping[str, Any]) -> str:
    unknown = rule.arguments - set(parameters)
    assert not unknown, f"{rule.rule}: say in this file what to put for {unknown}"
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, {name: parameters[name] for name in rule.arguments})


def everything(db: Database) -> dict[str, list[Any]]:
    """All rows that belong to an organisation, to see that nothing of them was changed."""
    watched = (
        "campaign list_import list_conflict inbox_item inbox_note referral patient message partner translation "
        "gist_report notice counter_search language_report visit own_system_task appointment_report".split()
    )
    tables = bot.tables.metadata.tables
    with db.engine.connect() as connection:
        return {name: list(connection.execute(tables[name].select().order_by(tables[name].c.id))) for name in watched}


def says(answer: Any, code: str) -> bool:
    page = answer.get_data(as_text=True)
    local = "0" + PHONES[code].removeprefix("+44")
    digits = page.replace(" ", "")
    return SENTINEL[code] in page or PHONES[code] in page or local in digits


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_its_own_routes_and_nothing_of_another_organisation(
    app: Flask, db: Database, here: Organisation, there: Organisation, role: Role
) -> None:
    client = visitor(app, db, role, here)
    before = everything(db)
    for rule, method, roles in routes(app):
        if rule.arguments & BELONGING and role in roles:
            answer = client.open(address(app, rule, there.parameters), method=method)
            assert answer.status_code in REFUSALS, (method, rule.rule, answer.status_code)
            assert not says(answer, "THERE"), (method, rule.rule)
    assert everything(db) == before
    for rule, method, roles in routes(app):
        answer = client.open(address(app, rule, here.parameters), method=method)
        assert not says(answer, "THERE"), (method, rule.rule)
        if roles != PUBLIC:
            expected = ANSWERS_OF_OURS if role in roles else {403}
            assert answer.status_code in expected, (method, rule.rule, answer.status_code)
        if role in WITHOUT_PATIENTS:
            assert not says(answer, "HERE"), (method, rule.rule)


def test_a_stranger_opens_nothing_but_the_door(
    app: Flask, db: Database, here: Organisation, there: Organisation
) -> None:
    client = app.test_client()
    before = everything(db)
    for rule, method, roles in routes(app):
        answer = client.open(address(app, rule, here.parameters), method=method)
        assert not says(answer, "HERE")
        if roles != PUBLIC:
            assert answer.status_code == 303, (method, rule.rule)
            assert answer.location.startswith("/sign-in"), (method, rule.rule)
        else:
            assert answer.status_code in {200, 303, 400, 401, 403, 404, 409, 503}, (
                method,
                rule.rule,
                answer.status_code,
            )
    assert everything(db) == before


def test_a_partner_sees_the_people_of_its_referrals_and_a_practice_its_own(
    app: Flask, db: Database, here: Organisation, there: Organisation
) -> None:
    """What the sentinel is for: it is there to be seen, by those it belongs to."""
    assert says(visitor(app, db, Role.PARTNER, here).get("/referrals"), "HERE")
    assert says(visitor(app, db, Role.PRACTICE, here).get("/inbox"), "HERE")
    assert says(visitor(app, db, Role.PRACTICE, there).get("/inbox"), "THERE")


def test_an_account_without_a_practice_sees_no_patients(app: Flask, db: Database, here: Organisation) -> None:
    client = browser_of(app, make_account(db, Role.PRACTICE, practice=None))
    for path in ("/inbox", "/lists", "/campaigns"):
        assert client.get(path).status_code == 403


def member_of_both(app: Flask, db: Database, role: Role, here: Organisation, there: Organisation) -> FlaskClient:
    """A browser of somebody who has that role in both organisations."""
    places = [place.partner if role == Role.PARTNER else place.practice for place in (here, there)]
    kind = "partner" if role == Role.PARTNER else "practice"
    return browser_of(app, join(db, make_account(db, role, **{kind: places[0]}), role, places[1]))


def prefix(role: Role, code: str) -> str:
    return f"/for/P-{code}" if role == Role.PARTNER else f"/for/{code}"


OF_ORGANISATIONS = [Role.PRACTICE, Role.LEAD, Role.PARTNER]


@pytest.mark.parametrize("role", OF_ORGANISATIONS)
def test_a_member_of_two_sees_each_under_its_own_address_only(
    app: Flask, db: Database, here: Organisation, there: Organisation, role: Role
) -> None:
    client = member_of_both(app, db, role, here, there)
    for code, other in (("HERE", "THERE"), ("THERE", "HERE")):
        start = prefix(role, code)
        for rule, method, roles in routes(app):
            if method == "GET" and role in roles:
                own = here if code == "HERE" else there
                answer = client.get(start + address(app, rule, own.parameters))
                assert answer.status_code in ANSWERS_OF_OURS, (rule.rule, answer.status_code)
                assert not says(answer, other), rule.rule
        assert says(client.get(f"{start}/referrals" if role == Role.PARTNER else f"{start}/inbox"), code)


@pytest.mark.parametrize("role", OF_ORGANISATIONS)
def test_a_form_sent_under_the_address_of_the_other_changes_nothing(
    app: Flask, db: Database, here: Organisation, there: Organisation, role: Role
) -> None:
    client = member_of_both(app, db, role, here, there)
    before, tried = everything(db), 0
    for code, own in (("THERE", here), ("HERE", there)):
        for rule, method, roles in routes(app):
            if rule.arguments & BELONGING and role in roles:
                answer = client.open(prefix(role, code) + address(app, rule, own.parameters), method=method)
                assert answer.status_code in REFUSALS, (method, rule.rule, answer.status_code)
                assert not says(answer, own.practice.code), (method, rule.rule)
                tried += 1
    assert tried
    assert everything(db) == before


@pytest.mark.parametrize("role", OF_ORGANISATIONS)
def test_a_form_of_a_member_of_two_that_names_neither_changes_nothing(
    app: Flask, db: Database, here: Organisation, there: Organisation, role: Role
) -> None:
    client = member_of_both(app, db, role, here, there)
    before = everything(db)
    for rule, method, roles in routes(app):
        if method == "POST" and role in roles and roles != frozenset(Role):
            answer = client.post(address(app, rule, here.parameters))
            assert answer.status_code == 409, (rule.rule, answer.status_code)
            assert "Nothing was changed" in answer.text, rule.rule
    assert everything(db) == before


@pytest.mark.parametrize("role", list(Role))
def test_a_role_in_one_organisation_opens_nothing_in_another(
    app: Flask, db: Database, here: Organisation, there: Organisation, role: Role
) -> None:
    client = visitor(app, db, role, here)
    before = everything(db)
    for start in ("/for/THERE", "/for/P-THERE", "/for/A-THERE", "/for/D-THERE"):
        for rule, method, roles in routes(app):
            if roles != PUBLIC:
                answer = client.open(start + address(app, rule, there.parameters), method=method)
                assert answer.status_code == 403, (start, method, rule.rule, answer.status_code)
    assert everything(db) == before
