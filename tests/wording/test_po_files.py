"""PO files out to Weblate or Poedit and back: each wording a draft, and what is wrong said entry by entry."""

import re
from contextlib import suppress

import polib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from bot.audit import CONSOLE, AuditEntry
from bot.database import Database
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.wording import WordingDraft
from bot.texts.catalogue import catalogue
from bot.texts.languages import WORDED
from bot.wording import po_files
from bot.wording.approvals import approve_wordings
from bot.wording.po_files import LARGEST_PO, PoImport, export_po, import_po
from tests.factories import make_account
from tests.wording.test_approvals import in_force, refusal

BETTER = "اردو میں مدد چاہیے تو 9 لکھ کر بھیجیں۔"
HEADER = 'msgid ""\nmsgstr ""\n"Language: ur\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def entry(key: str, body: str, source: str | None = None, more: str = "") -> str:
    text = catalogue().get(key)
    english = source if source is not None else text.source if text else "Hello"
    return f"{more}msgctxt {quoted(key)}\nmsgid {quoted(english)}\nmsgstr {quoted(body)}\n\n"


def in_language(tag: str) -> bytes:
    return (HEADER.replace("Language: ur", f"Language: {tag}") + entry("call-offer", BETTER)).encode()


def quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def exported(db: Database, tag: str) -> bytes:
    with db.read() as session:
        return export_po(session, tag)[0]


def drafts(db: Database) -> list[tuple[str, str, str]]:
    with db.read() as session:
        return [
            (one.text_key, one.language, one.body)
            for one in session.exec(select(WordingDraft).order_by(col(WordingDraft.id)))
        ]


def read(db: Database, words: str) -> PoImport:
    result = import_po(db, words.encode(), CONSOLE)
    assert result.rows == result.accepted + result.fixed + result.rejected + result.duplicates
    return result


def test_what_is_not_approved_goes_out_fuzzy_with_what_a_translator_must_know(
    db: Database, reviewer: UserAccount
) -> None:
    approve_wordings(db, ["call-offer"], "ur", reviewer)
    found = {one.msgctxt: one for one in polib.pofile(exported(db, "ur").decode())}
    assert set(found) == set(catalogue())
    assert {key for key, one in found.items() if one.msgstr and not one.fuzzy} == {"call-offer"}
    assert found["emergency"].comment.endswith("At most 1 SMS part.")
    assert "{practice}: name, such as Station Practice." in found["staff-thank-you"].comment


@pytest.mark.parametrize("tag", [tag for tag in WORDED if tag != "en"])
def test_what_went_out_comes_back_and_changes_nothing(db: Database, tag: str) -> None:
    result = import_po(db, exported(db, tag), CONSOLE)
    assert (result.duplicates, result.stored, result.problems) == (result.rows, 0, [])
    assert result.rows > 0
    assert drafts(db) == []


def test_a_changed_wording_comes_in_as_a_draft_of_whoever_brought_it(
    db: Database, reviewer: UserAccount, second: UserAccount
) -> None:
    file = polib.pofile(exported(db, "ur").decode())
    [offer] = [one for one in file if one.msgctxt == "call-offer"]
    offer.msgstr = BETTER
    result = import_po(db, str(file).encode("utf-8-sig"), actor_of(reviewer), "ur")
    assert (result.accepted, result.stored) == (1, 1)
    assert drafts(db) == [("call-offer", "ur", BETTER)]
    assert ("call-offer", "ur") not in in_force(db)
    assert refusal(approve_wordings, db, ["call-offer"], "ur", reviewer) == "own-draft"
    assert approve_wordings(db, ["call-offer"], "ur", second).keys == ["call-offer"]
    assert import_po(db, str(file).encode(), actor_of(reviewer)).stored == 0


def test_an_import_is_in_the_audit_trail_without_its_words(db: Database) -> None:
    read(db, HEADER + entry("call-offer", BETTER))
    with db.read() as session:
        [deed] = session.exec(select(AuditEntry))
    assert (deed.action, deed.subject, deed.actor) == ("draft-wording", "wording:call-offer:ur", "console")
    assert set(deed.detail) == {"draft", "digest"}


def test_curly_marks_are_made_plain_and_said(db: Database) -> None:
    result = read(db, HEADER + entry("call-offer", f"\u201c{BETTER}\u201d "))
    assert (result.fixed, result.stored) == (1, 1)
    assert [(one.column, one.code) for one in result.problems] == [("msgstr", "made-plain")]
    assert drafts(db) == [("call-offer", "ur", f'"{BETTER}"')]


SORRY = "منجانب {practice}: آپ کے نقصان پر افسوس ہے۔ عملے میں سے کوئی آپ کا پیغام پڑھے گا۔"
THANKS = "منجانب {practice}: شکریہ۔"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (entry("staff-thank-you", THANKS.replace("{practice}", "")), "slots-differ"),
        (entry("staff-thank-you", THANKS.replace("{practice}", "{prctice}")), "slots-differ"),
        (entry("staff-thank-you", THANKS + " {0}"), "slots-differ"),
        (entry("staff-thank-you", "<b>" + THANKS + "</b>"), "stray-markup"),
        (entry("staff-thank-you", THANKS + " &amp;"), "stray-markup"),
        (entry("staff-thank-you", THANKS + " %s"), "stray-markup"),
        (entry("call-offer", BETTER.replace("9", "8")), "numbers-differ"),
        (entry("call-offer", "For help in English, reply 9."), "untranslated"),
        (entry("call-offer", BETTER * 100), "too-long"),
        (entry("call-offer", BETTER, "For help in English, answer 9."), "source-differs"),
        (entry("nonsense", BETTER), "unknown-text"),
        (re.sub("^", "#~ ", entry("call-offer", BETTER).strip(), flags=re.MULTILINE), "obsolete"),
        (
            'msgctxt "call-offer"\nmsgid "For help in English, reply 9."\nmsgid_plural "x"\nmsgstr[0] "y"\n\n',
            "plural",
        ),
    ],
)
def test_what_is_wrong_with_an_entry_is_said_at_its_line_and_the_others_are_kept(
    db: Database, words: str, code: str
) -> None:
    good = entry("bereaved", SORRY)
    result = read(db, HEADER + good + words)
    assert code in {problem.code for problem in result.problems}
    assert {problem.row for problem in result.problems} == {10}
    assert (result.rejected, result.stored) == (1, 1)
    assert all(problem.message.endswith(".") for problem in result.problems)


def test_a_text_that_stands_twice_counts_once(db: Database) -> None:
    result = read(db, HEADER + entry("call-offer", BETTER) + entry("call-offer", BETTER + "!"))
    assert [problem.code for problem in result.problems] == ["repeated"]
    assert drafts(db) == [("call-offer", "ur", BETTER)]


def test_what_nobody_has_translated_yet_is_no_row(db: Database) -> None:
    assert read(db, HEADER + entry("call-offer", "") + entry("emergency", "")).rows == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-po"),
        (b"NHS Number,Date of Birth\n", "not-po"),
        (HEADER.encode() + b"call-offer: x\n", "not-po"),
        (b"\x7fELF msgid \0", "not-po"),
        (b"/etc/passwd msgid", "not-po"),
        ((HEADER + entry("call-offer", BETTER)).encode("utf-16"), "not-utf-8"),
        (HEADER.replace("UTF-8", "ISO-8859-1").encode() + entry("call-offer", "x").encode(), "not-utf-8"),
        (HEADER.encode() + entry("call-offer", "\xe9").encode("latin-1"), "not-utf-8"),
        ((HEADER + 'msgid "Save"\nmsgstr "x"\n').encode(), "other-project"),
        (in_language("xx"), "unknown-language"),
        (in_language(""), "unknown-language"),
        (in_language("en"), "english-is-the-source"),
        (HEADER.encode() + b"# x\n" * (LARGEST_PO // 4), "too-large"),
        (HEADER.encode() + b"".join(entry(f"t{n}", "x").encode() for n in range(2001)), "too-many-entries"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_of_ours_is_refused_whole_with_one_sentence(
    db: Database, content: bytes, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        import_po(db, content, CONSOLE)
    assert refused.value.code == code
    assert "\n" not in refused.value.message
    assert drafts(db) == []


def test_a_file_of_another_language_is_refused_on_the_page_of_this_one(db: Database) -> None:
    words = (HEADER + entry("call-offer", BETTER)).encode()
    assert refusal(import_po, db, words, CONSOLE, "pl") == "other-language"


@pytest.mark.parametrize("written", ["pa_Guru", "pa-Guru", "PA_GURU"])
def test_a_language_is_known_however_the_tool_writes_it(db: Database, written: str) -> None:
    words = exported(db, "pa-Guru").decode().replace("Language: pa_Guru", f"Language: {written}")
    assert import_po(db, words.encode(), CONSOLE).language == "pa-Guru"


def test_whoever_may_not_write_brings_nothing_in(db: Database) -> None:
    partner = make_account(db, Role.PARTNER)
    words = (HEADER + entry("call-offer", BETTER)).encode()
    assert refusal(import_po, db, words, actor_of(partner)) == "not-allowed"
    assert drafts(db) == []


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(cut=st.integers(0, 5000), put=st.binary(max_size=12))
def test_a_damaged_file_is_read_or_refused_and_never_a_fault(cut: int, put: bytes) -> None:
    whole = (HEADER + "".join(entry(key, BETTER) for key in catalogue())).encode()
    with suppress(Refused):
        po_files._language_of(po_files._read(whole[:cut] + put + whole[cut + 3 :]), None)
