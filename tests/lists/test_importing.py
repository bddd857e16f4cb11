import io
import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlmodel import select

from bot.audit import CONSOLE, AuditEntry
from bot.database import Database
from bot.lists import limits
from bot.lists.demo_list import demo_csv
from bot.lists.importing import (
    ImportResult,
    confirm_import,
    import_list,
    preview_list,
)
from bot.lists.judging.verdicts import Verdict
from bot.lists.kept import kept_page, rejects_of
from bot.lists.waiting import discard_import
from bot.patients.optouts import record_opt_out
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.lists import ListImport
from bot.tables.organisations import Practice
from bot.tables.patients import OptOutScope, PatientSelection, PhoneStatus
from tests.factories import make_patient, make_practice, nhs_number
from tests.lists.files import bundle, patient, workbook
from tests.lists.importer import Importer
from tests.lists.lists import COLUMNS, cells, plain_list, with_columns

CRITERIA = "cold-home-respiratory"
OTHER = {"NHS_Number": "9990000212", "Mobile_Telephone": "07700 900200"}


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def importer(db: Database, settings: Settings, practice: Practice) -> Importer:
    return Importer(db, settings, practice)


def adds_up(result: ImportResult) -> bool:
    return result.accepted + result.fixed + result.rejected + result.duplicates == result.rows


def test_a_list_is_stored_and_every_row_is_counted_once(importer: Importer) -> None:
    result = importer(
        plain_list(
            cells(),
            cells(**OTHER, Problem_Codes="13645005;44054006"),
            cells(NHS_Number="9990000352", Mobile_Telephone="01632 960001"),
            cells(NHS_Number="1"),
            cells(),
        )
    )
    assert result.counts() == {
        "rows": 5,
        "accepted": 2,
        "fixed": 1,
        "rejected": 1,
        "duplicates": 1,
        "conflicts": 0,
        "stored": 3,
    }
    assert adds_up(result)
    assert importer.people()[1] == {
        "nhs_number": "9990000212",
        "name": "Alex Example",
        "born": "1960-05-12",
        "sex": "F",
        "phone": "+447700900200",
        "phone_status": "own",
        "language": "ur",
        "interpreter": None,
        "codes": ["13645005", "44054006"],
        "opted_out": None,
        "registered": True,
        "deceased": False,
        "texting_refused": False,
        "imd_decile": None,
        "ethnic_category": None,
        "cervical_screening": None,
    }


def test_somebody_without_a_usable_mobile_is_kept_with_the_reason(importer: Importer) -> None:
    importer(plain_list(cells(Mobile_Telephone="01632 960001")))
    found = importer.people()[0]
    assert (found["phone"], found["phone_status"]) == (None, "not-mobile")


def test_the_same_file_again_changes_nothing(importer: Importer) -> None:
    content = plain_list(cells(), cells(Problem_Codes="13645005"), cells(**OTHER, Main_Language="Klingon"))
    assert importer(content).stored == 2
    before = importer.patient().updated_at
    assert importer(content).stored == 0
    assert importer.patient().updated_at == before


def test_only_people_who_differ_are_changed(importer: Importer) -> None:
    importer(plain_list(cells(), cells(**OTHER)))
    assert importer(plain_list(cells(Surname="Changed"), cells(**OTHER))).stored == 1
    assert importer.patient().surname == "Changed"


def test_a_dry_run_counts_and_stores_nothing(importer: Importer) -> None:
    result = importer(plain_list(cells()), dry_run=True)
    assert (result.accepted, result.stored) == (1, 0)
    assert importer.people() == []


def test_codes_of_the_list_replace_those_before(importer: Importer) -> None:
    importer(plain_list(cells(Problem_Codes="195967001;44054006")))
    assert importer(plain_list(cells(Problem_Codes="13645005"))).stored == 1
    assert importer.people()[0]["codes"] == ["13645005"]


def test_a_list_without_a_column_leaves_what_it_held(importer: Importer) -> None:
    importer(plain_list(cells()))
    result = importer(with_columns({"NHS Number": "9990000077", "DOB": "12/05/1960", "Surname": "New"}))
    assert result.stored == 1
    found = importer.people()[0]
    assert (found["name"], found["phone"], found["language"]) == ("Alex New", "+447700900123", "ur")
    assert found["codes"] == ["195967001"]


def test_a_blank_cell_takes_the_value_away(importer: Importer) -> None:
    importer(plain_list(cells()))
    importer(plain_list(cells(Mobile_Telephone="", Main_Language="", Problem_Codes="")))
    found = importer.people()[0]
    assert (found["phone"], found["phone_status"], found["language"], found["codes"]) == (None, "none", None, [])


def test_what_rows_disagree_on_is_not_used(importer: Importer) -> None:
    result = importer(plain_list(cells(), cells(Mobile_Telephone="07700 900200")))
    assert (result.duplicates, result.conflicts) == (1, 1)
    assert (importer.patient().phone, importer.patient().surname) == (None, "Example")


def test_a_stored_birth_date_is_never_overwritten(importer: Importer) -> None:
    importer(plain_list(cells()))
    result = importer(plain_list(cells(Date_of_Birth="13/05/1960", Surname="Changed")))
    assert [(p.column, p.code) for p in result.problems] == [("Date of Birth", "birth-date-differs")]
    assert (result.fixed, result.accepted) == (1, 0)
    assert importer.patient().born.day == 12
    assert importer.patient().surname == "Changed"


def test_rows_that_disagree_on_the_birth_date_are_all_rejected(importer: Importer) -> None:
    rows = [cells(), cells(**OTHER), cells(Date_of_Birth="13/05/1960"), cells()]
    result = importer(plain_list(*rows))
    assert adds_up(result)
    assert (result.accepted, result.rejected, result.duplicates, result.conflicts) == (1, 2, 1, 1)
    assert [(p.row, p.code) for p in result.problems if p.code != "repeated"] == [
        *((2, "birth-date-conflict"), (4, "birth-date-conflict")),
    ]
    assert [person["nhs_number"] for person in importer.people()] == ["9990000212"]


def test_a_row_set_aside_for_a_stored_birth_date_may_be_contradicted_too(importer: Importer) -> None:
    importer(plain_list(cells()))
    result = importer(plain_list(cells(Date_of_Birth="13/05/1960"), cells(Date_of_Birth="14/05/1960")))
    assert (result.rows, result.fixed, result.rejected) == (2, 0, 2)


def test_a_preview_and_the_file_of_rejects_know_what_later_rows_contradict(importer: Importer, db: Database) -> None:
    import_id = preview(importer, plain_list(cells(), cells(**OTHER), cells(Date_of_Birth="13/05/1960")))
    found = {
        verdict: [
            (row.row, f"{row.name} {row.nhs_number}".strip()) for row in kept_page(db, import_id, verdict, 1).rows
        ]
        for verdict in Verdict
    }
    named = "Alex Example 9990000077"
    assert found[Verdict.REJECTED] == [(2, named), (4, named)]
    assert found[Verdict.ACCEPTED] == [(3, "Alex Example 9990000212")]
    text = b"".join(rejects_of(db, import_id)).decode()
    assert [line.split(",")[0] for line in text.splitlines()] == ["Row", "2", "4"]


def test_hidden_rows_are_said_with_their_number(importer: Importer, db: Database) -> None:
    book = load_workbook(io.BytesIO(workbook(COLUMNS, cells(), cells(**OTHER))))
    book.active.row_dimensions[3].hidden = True
    target = io.BytesIO()
    book.save(target)
    import_id = preview(importer, target.getvalue())
    with db.read() as session:
        [note] = session.get_one(ListImport, import_id).notes
    assert "1 (row 3)" in note
    assert importer(target.getvalue()).notes == [note]
    assert importer(workbook(COLUMNS, cells())).notes == []


def test_a_list_that_takes_far_too_long_is_given_up_with_a_sentence(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_SECONDS", 0)
    content = plain_list(*(cells(NHS_Number=nhs_number(index)) for index in range(100_000)))
    for dry_run in (True, False):
        with pytest.raises(Refused, match="far too long") as refused:
            importer(content, dry_run=dry_run)
        assert refused.value.code == "takes-too-long"
    assert importer.people() == []


def test_what_a_patient_told_us_survives_every_list(importer: Importer) -> None:
    content = plain_list(cells())
    importer(content)
    importer.change(language="so", language_source="patient", phone="+447700900999", phone_source="patient")
    assert importer(content).stored == 0
    assert (importer.patient().language, importer.patient().phone) == ("so", "+447700900999")


@pytest.mark.parametrize("status", [PhoneStatus.CONFIRMED, PhoneStatus.FAILED])
def test_a_number_stays_confirmed_or_failed_until_the_list_has_another(importer: Importer, status: PhoneStatus) -> None:
    importer(plain_list(cells()))
    importer.change(phone_status=status.value)
    importer(plain_list(cells(Surname="Changed")))
    assert importer.patient().phone_status == status
    importer(plain_list(cells(Mobile_Telephone="07700 900200")))
    assert importer.patient().phone_status == PhoneStatus.OWN


def test_an_opt_out_survives_every_list(importer: Importer, db: Database) -> None:
    importer(plain_list(cells()))
    with db.write() as session:
        record_opt_out(
            session,
            practice_id=importer.practice.id or 0,
            phone="+447700900123",
            scope=OptOutScope.OUTREACH,
            source="reply",
        )
    importer(plain_list(cells(SMS_Consent="Y")))
    assert importer.people()[0]["opted_out"] == "outreach"


def test_a_family_on_one_number_is_shared_and_its_child_unsafe(importer: Importer) -> None:
    rows = [
        cells(),
        cells(NHS_Number="9990000212", Date_of_Death="01/02/2020"),
        cells(NHS_Number="9990000352", Date_of_Birth="12/05/2015"),
        cells(NHS_Number="9990000425", Mobile_Telephone="07700 900500"),
        cells(NHS_Number="9990000492", Mobile_Telephone="07700 900501", Date_of_Birth="12/05/2015"),
    ]
    importer(plain_list(*rows))
    assert [p["phone_status"] for p in importer.people()] == ["shared", "shared", "unsafe", "own", "unsafe"]
    importer(plain_list(*(cells(NHS_Number=n, Mobile_Telephone="") for n in ("9990000212", "9990000352"))))
    assert importer.patient().phone_status == PhoneStatus.OWN


def test_a_number_in_another_practice_is_not_shared(importer: Importer, db: Database) -> None:
    make_patient(db, make_practice(db, "BRIDGE"), phone="+447700900123")
    importer(plain_list(cells()))
    assert importer.patient().phone_status == PhoneStatus.OWN


def test_a_child_who_confirmed_a_number_keeps_it(importer: Importer) -> None:
    content = plain_list(cells(Date_of_Birth="12/05/2015"))
    importer(content)
    importer.change(phone_status=PhoneStatus.CONFIRMED.value)
    importer(content)
    assert importer.patient().phone_status == PhoneStatus.CONFIRMED


def test_people_chosen_by_the_practices_own_search_are_noted_once(importer: Importer, db: Database) -> None:
    content = with_columns({"NHS Number": "9990000077", "DOB": "12/05/1960"})
    assert importer(content, selected_for=CRITERIA).stored == 1
    assert importer(content, selected_for=CRITERIA).stored == 0
    with db.read() as session:
        assert [row.criteria for row in session.exec(select(PatientSelection))] == [CRITERIA]


def test_unknown_criteria_and_practices_are_refused(importer: Importer, db: Database, settings: Settings) -> None:
    with pytest.raises(Refused, match="criteria"):
        importer(plain_list(cells()), selected_for="nothing")
    with pytest.raises(Refused, match="NOWHERE"):
        import_list(db, settings, "NOWHERE", plain_list(cells()), selected_for=None, dry_run=False, actor=CONSOLE)


def test_a_row_cut_off_behind_a_quotation_mark_keeps_who_it_is(importer: Importer) -> None:
    cut = b'9990000212,Cut,Off,01/02/1970,F,"07700900112\n'
    result = importer(plain_list(cells()) + cut + plain_list(cells(NHS_Number="9990000336")).split(b"\n", 1)[1])
    assert (result.accepted, result.fixed, result.rejected) == (2, 1, 0)
    assert [(problem.row, problem.code) for problem in result.problems] == [(3, "stray-quote")]
    [kept] = [person for person in importer.people() if person["nhs_number"] == "9990000212"]
    assert (kept["name"], kept["born"], kept["phone"]) == ("Off Cut", "1970-02-01", None)


def test_a_list_that_breaks_off_half_way_through_a_row_rejects_that_row(importer: Importer) -> None:
    result = importer(plain_list(cells()) + b'"9990000212,')
    assert (result.accepted, result.rejected) == (1, 1)
    assert [problem.code for problem in result.problems] == ["stray-quote"]


def test_a_file_that_cannot_be_read_to_its_end_stores_nobody(importer: Importer) -> None:
    with pytest.raises(Refused, match="another page"):
        importer(json.dumps(bundle(patient(), link=[{"relation": "next", "url": "?page=2"}])).encode())
    assert importer.people() == []


def test_a_refusal_of_fhir_is_stored_and_takes_no_other_refusal_away(importer: Importer) -> None:
    method = {"url": "PreferredContactMethod", "valueCodeableConcept": {"coding": [{"code": "8"}]}}
    refusing = [{"url": "https://x.example/Extension-UKCore-ContactPreference", "extension": [method]}]
    importer(plain_list(cells(SMS_Consent="N"), cells(**OTHER)))
    importer(json.dumps(bundle(patient(), patient("9990000212", extension=refusing))).encode())
    assert [person["texting_refused"] for person in importer.people()] == [True, True]
    importer(plain_list(cells(), cells(**OTHER)))
    assert [person["texting_refused"] for person in importer.people()] == [False, False]


def test_more_people_than_fit_one_statement_are_stored(importer: Importer) -> None:
    content = demo_csv(1_200)
    assert importer(content).stored == 1_200
    assert importer(content).stored == 0


def test_the_audit_trail_has_counts_and_nothing_personal(importer: Importer, db: Database) -> None:
    importer(plain_list(cells()))
    with db.read() as session:
        entry = session.exec(select(AuditEntry).where(AuditEntry.action == "list-imported")).one()
    assert entry.detail["stored"] == 1
    assert all(isinstance(value, int) for value in entry.detail.values())


def preview(importer: Importer, content: bytes) -> int:
    found = preview_list(importer.db, importer.settings, importer.practice.id or 0, content, "list.csv", None, None)
    return found.import_id


def test_a_preview_stores_nobody_and_confirming_it_does(importer: Importer, db: Database) -> None:
    import_id = preview(importer, plain_list(cells(), cells(NHS_Number="1")))
    assert importer.people() == []
    result = confirm_import(db, importer.settings, import_id, CONSOLE)
    assert (result.stored, result.rejected) == (1, 1)
    with db.read() as session:
        kept = session.get_one(ListImport, import_id)
    assert (kept.state, kept.content, kept.counts["stored"]) == ("confirmed", None, 1)


def test_a_list_is_confirmed_or_discarded_once(importer: Importer, db: Database) -> None:
    import_id = preview(importer, plain_list(cells()))
    discard_import(db, import_id, CONSOLE)
    with pytest.raises(Refused, match="discarded already"):
        confirm_import(db, importer.settings, import_id, CONSOLE)
    with pytest.raises(Refused, match="no such list"):
        discard_import(db, import_id + 1, CONSOLE)
    assert importer.people() == []


def test_the_rows_of_a_preview_can_be_chosen_by_verdict(importer: Importer, db: Database) -> None:
    import_id = preview(importer, plain_list(cells(), cells(NHS_Number="1"), cells(), cells(**OTHER, Sex="?!")))

    def rows(verdict: Verdict | None) -> list[int]:
        return [row.row for row in kept_page(db, import_id, verdict, 1).rows]

    assert rows(None) == [3, 4, 5]
    assert rows(Verdict.REJECTED) == [3]
    assert rows(Verdict.ACCEPTED) == [2]


CELL = st.one_of(st.text(max_size=12), st.sampled_from([*cells(), *cells(**OTHER), "13/25/1990", "Y", "=1+1"]))


@given(st.lists(st.lists(CELL, max_size=len(COLUMNS) + 1), max_size=8))
@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_list_adds_up_and_a_second_time_stores_nobody(importer: Importer, rows: list[list[str]]) -> None:
    content = plain_list(cells(), *rows).decode(errors="ignore").encode()
    try:
        first = importer(content)
    except Refused:
        return
    assert adds_up(first)
    assert importer(content).stored == 0
