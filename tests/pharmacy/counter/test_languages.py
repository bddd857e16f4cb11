"""The language a pharmacy may know, the label it scans, and what it reports back to the practice."""

import re

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.conversations.about_people import Whom
from bot.patients.person_codes import show_code
from bot.pharmacy.counter.languages import LanguageNeed, language_need, note_consent, report_language
from bot.refusals import Refused
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient
from bot.tables.pharmacy import LanguageReport
from bot.texts.languages import LANGUAGES
from tests.factories import make_patient, make_practice
from tests.pharmacy.counter.counters import Counter, words
from tests.pharmacy.notices.world import Town

PATH = "/pharmacies/languages"


def agree(town: Town, person: Patient, *, yes: bool = True) -> None:
    note_consent(town.db, Whom(town.practice.code, person.nhs_number), yes=yes, actor=CONSOLE)


def need(town: Town, person: Patient) -> LanguageNeed | None:
    with town.db.read() as session:
        return language_need(session, town.pharmacy, session.get_one(Patient, person.id))


def report(town: Town, tag: str, person: Patient | None = None, *, interpreter: bool | None = None) -> LanguageReport:
    with town.db.write() as session:
        pharmacy = session.get_one(Pharmacy, town.pharmacy.id)
        patient = session.get_one(Patient, (person or town.person).id)
        return report_language(session, pharmacy, patient, tag, interpreter=interpreter, actor=CONSOLE, now=utc_now())


def recorded(town: Town, person: Patient | None = None) -> tuple[str | None, str, bool | None]:
    with town.db.read() as session:
        found = session.get_one(Patient, (person or town.person).id)
        return found.language, found.language_source, found.interpreter


@pytest.mark.parametrize(
    ("language", "interpreter", "expected"),
    [
        ("pa-Guru", True, {"language": "pa-Guru", "script": "Guru", "interpreter": True, "mode": "read"}),
        ("pl", None, {"language": "pl", "script": "Latn", "interpreter": None, "mode": "read"}),
        ("syl", False, {"language": "syl", "script": None, "interpreter": False, "mode": "spoken"}),
        ("bfi", True, {"language": "bfi", "script": None, "interpreter": True, "mode": "spoken"}),
    ],
)
def test_with_consent_a_pharmacy_knows_four_things_and_no_more(
    town: Town, language: str, interpreter: bool | None, expected: dict[str, object]
) -> None:
    person = town.somebody(language=language, interpreter=interpreter)
    assert need(town, person) is None
    agree(town, person)
    found = need(town, person)
    assert found is not None
    assert found.as_json() == expected


def test_every_language_can_be_told(town: Town) -> None:
    agree(town, town.person)
    for tag in LANGUAGES:
        with town.db.read() as session:
            known = Patient(**(town.person.model_dump() | {"language": tag}))
            found = language_need(session, town.pharmacy, known)
        assert found is not None
        assert found.name
        assert found.script_name or not found.script


def test_consent_taken_back_and_an_unknown_language_look_alike(town: Town) -> None:
    unknown = town.somebody(language=None)
    agree(town, unknown)
    agree(town, town.person)
    agree(town, town.person, yes=False)
    assert need(town, unknown) is need(town, town.person) is None


def test_the_counter_shows_the_flag_with_consent_alone(counter: Counter) -> None:
    person = counter.town.somebody(language="pa-Guru", interpreter=True)
    assert "Script Gurmukhi" not in words(counter.client.get(f"/pharmacy/tell/{counter.finds(person)}"))
    agree(counter.town, person)
    page = words(counter.client.get(f"/pharmacy/tell/{counter.finds(person)}"))
    for said in ("Punjabi (Gurmukhi)", "Script Gurmukhi", "Interpreter Needed", "Read or spoken Read"):
        assert said in page


def test_a_label_holds_the_code_and_nothing_about_the_person(counter: Counter) -> None:
    person = counter.town.somebody(surname="Secretname", given_name="Secretgiven", language="pa-Guru")
    agree(counter.town, person)
    page = counter.posts(f"/pharmacy/tell/{counter.finds(person)}/label")
    assert page.headers["Cache-Control"] == "no-store"
    label = page.text[page.text.index('class="etr-label"') : page.text.index("</main>")]
    assert show_code(counter.code_of(person)) in label
    assert "<svg" in label
    for telling in ("Secret", "Punjabi", "pa-Guru", "Station", "Priory", person.nhs_number, "1960"):
        assert telling not in label


def test_without_consent_the_counter_makes_no_label(counter: Counter) -> None:
    refused = counter.posts(f"/pharmacy/tell/{counter.finds()}/label")
    assert refused.status_code == 400
    assert "have not agreed" in refused.text


def test_the_practice_makes_a_label_and_a_code_where_there_is_none(staff: FlaskClient, town: Town) -> None:
    page = staff.post(f"{PATH}/label", data={"nhs_number": town.person.nhs_number})
    assert page.status_code == 200
    [code] = re.findall(r'etr-label__code">([^<]+)<', page.text)
    again = staff.post(f"{PATH}/label", data={"nhs_number": town.person.nhs_number})
    assert code in again.text


def test_the_practice_says_whether_a_pharmacy_may_know(staff: FlaskClient, town: Town) -> None:
    number = town.person.nhs_number
    assert staff.post(f"{PATH}/consent", data={"nhs_number": number}).status_code == 400
    assert need(town, town.person) is None
    assert staff.post(f"{PATH}/consent", data={"nhs_number": number, "may_know": "yes"}).status_code == 303
    assert need(town, town.person) is not None
    staff.post(f"{PATH}/consent", data={"nhs_number": number, "may_know": "no"})
    assert need(town, town.person) is None


@pytest.mark.parametrize("path", ["consent", "label"])
def test_people_of_another_practice_are_not_there(staff: FlaskClient, town: Town, path: str) -> None:
    stranger = make_patient(town.db, make_practice(town.db, "OTHER"))
    answer = staff.post(f"{PATH}/{path}", data={"nhs_number": stranger.nhs_number, "may_know": "yes"})
    assert answer.status_code == 400
    assert "Nobody on the list of Station Practice" in answer.text


def test_a_report_changes_nothing_until_the_practice_confirms_it(counter: Counter, staff: FlaskClient) -> None:
    town = counter.town
    reported = counter.posts(f"/pharmacy/tell/{counter.finds()}/language", language="ur", interpreter="yes")
    assert reported.status_code == 303
    assert recorded(town) == ("pl", "list", None)
    assert "1 language reported by a pharmacy" in staff.get("/").text
    page = words(staff.get(PATH))
    assert "Reported: Urdu , needs an interpreter" in page
    assert "Recorded here: Polish" in page
    with town.db.read() as session:
        [row] = session.exec(select(LanguageReport)).all()
    for _ in range(2):
        assert staff.post(f"{PATH}/{row.id}/confirm").status_code == 303
    assert recorded(town) == ("ur", "staff", True)
    assert "Nothing waits." in staff.get(PATH).text
    assert "reported by a pharmacy" not in staff.get("/").text
    assert staff.post(f"{PATH}/{row.id}/decline").status_code == 409
    assert recorded(town) == ("ur", "staff", True)


def test_a_declined_report_changes_nothing(staff: FlaskClient, town: Town) -> None:
    row = report(town, "ur")
    staff.post(f"{PATH}/{row.id}/decline")
    assert recorded(town) == ("pl", "list", None)
    assert "Nothing waits." in staff.get(PATH).text


def test_said_again_while_it_waits_it_is_one_report_with_the_last_words(town: Town) -> None:
    report(town, "ur")
    report(town, "bn", interpreter=False)
    with town.db.read() as session:
        [row] = session.exec(select(LanguageReport)).all()
    assert (row.language, row.interpreter, row.state) == ("bn", False, "waiting")


def test_what_is_recorded_already_waits_for_nobody(town: Town, staff: FlaskClient) -> None:
    assert report(town, "pl").state == "confirmed"
    assert report(town, "pl", interpreter=True).state == "waiting"


def test_no_language_we_know_is_refused(counter: Counter, town: Town) -> None:
    with pytest.raises(Refused):
        report(town, "xx-unknown")
    page = counter.posts(f"/pharmacy/tell/{counter.finds()}/language", language="")
    assert page.status_code == 400
