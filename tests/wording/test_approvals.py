"""Who stands by which words: a reviewer or a lead, two of them where it is about care, and until it is taken back."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import col, select

from bot.audit import AuditEntry
from bot.campaigns.fuel_poverty import FUEL_POVERTY
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.wording import WordingApproval
from bot.texts.catalogue import catalogue
from bot.texts.check import Problem
from bot.texts.wording import wording_for
from bot.wording.approvals import approve_wordings, unapproved_english, withdraw_approval
from bot.wording.drafting import reject_wording, write_draft
from bot.wording.in_force import approved_wordings
from bot.wording.standing import read_standing
from tests.wording.conftest import make_reviewer


def in_force(db: Database) -> set[tuple[str, str]]:
    with db.read() as session:
        return set(approved_wordings(session))


def deeds(db: Database) -> list[tuple[str, str]]:
    with db.read() as session:
        return [(entry.action, entry.subject) for entry in session.exec(select(AuditEntry).order_by(AuditEntry.id))]


def refusal(deed: Any, *given: Any, **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        deed(*given, **more)
    return refused.value.code


def test_an_approval_covers_these_words_by_this_person(db: Database, reviewer: UserAccount) -> None:
    assert approve_wordings(db, ["call-offer"], "ur", reviewer).keys == ["call-offer"]
    wording = wording_for("call-offer", "ur")
    assert wording
    with db.read() as session:
        kept = session.exec(select(WordingApproval)).one()
    assert (kept.digest, kept.body, kept.approved_by) == (wording.digest, wording.body, reviewer.id)
    assert kept.source == catalogue()["call-offer"].source
    assert deeds(db) == [("approve-wording", "wording:call-offer:ur")]


def test_what_is_about_care_waits_for_a_second_person(db: Database, reviewer: UserAccount, second: UserAccount) -> None:
    first = approve_wordings(db, ["emergency"], "ur", reviewer)
    assert (first.keys, first.needs) == ([], {"emergency": 1})
    again = approve_wordings(db, ["emergency"], "ur", reviewer)
    assert (again.keys, again.needs) == ([], {"emergency": 1})
    assert in_force(db) == set()
    assert approve_wordings(db, ["emergency"], "ur", second).keys == ["emergency"]
    assert in_force(db) == {("emergency", "ur")}
    assert deeds(db) == [("approve-wording", "wording:emergency:ur")] * 2


def test_two_people_who_approve_at_the_same_moment_are_two(
    db: Database, reviewer: UserAccount, second: UserAccount
) -> None:
    with ThreadPoolExecutor(4) as pool:
        for person in (reviewer, second, reviewer, second):
            pool.submit(approve_wordings, db, ["emergency"], "ur", person)
    assert in_force(db) == {("emergency", "ur")}
    with db.read() as session:
        people = [
            approval.approved_by for approval in session.exec(select(WordingApproval).order_by(col(WordingApproval.id)))
        ]
    assert sorted(people) == [reviewer.id, second.id]


def test_approving_again_changes_nothing(db: Database, reviewer: UserAccount) -> None:
    approve_wordings(db, ["call-offer"], "ur", reviewer)
    assert approve_wordings(db, ["call-offer"], "ur", reviewer).keys == []
    assert len(deeds(db)) == 1


def test_all_texts_of_a_language_can_be_approved_at_once(
    db: Database, reviewer: UserAccount, second: UserAccount
) -> None:
    first = approve_wordings(db, None, "en", reviewer)
    care = {key for key, text in catalogue().items() if text.clinical}
    assert (set(first.keys), set(first.needs)) == (set(catalogue()) - care, care)
    assert set(approve_wordings(db, None, "en", second).keys) == care
    assert in_force(db) == {(key, "en") for key in catalogue()}


def test_nobody_approves_what_they_wrote_themselves(db: Database, reviewer: UserAccount, second: UserAccount) -> None:
    write_draft(db, "call-offer", "ur", "اردو میں مدد چاہیے تو 9 لکھ کر بھیجیں۔", actor_of(reviewer))
    assert refusal(approve_wordings, db, ["call-offer"], "ur", reviewer) == "own-draft"
    assert approve_wordings(db, None, "ur", reviewer).own == ["call-offer"]
    assert ("call-offer", "ur") not in in_force(db)
    assert approve_wordings(db, ["call-offer"], "ur", second).keys == ["call-offer"]


def test_the_audit_trail_has_numbers_and_hashes_and_no_words(
    db: Database, reviewer: UserAccount, second: UserAccount
) -> None:
    draft = write_draft(db, "call-offer", "ur", "اردو میں مدد چاہیے تو 9 لکھ کر بھیجیں۔", actor_of(reviewer))
    approve_wordings(db, ["call-offer"], "ur", second)
    withdraw_approval(db, "call-offer", "ur", second)
    with db.read() as session:
        candidate = read_standing(session, "call-offer", "ur").candidate
    assert candidate
    reject_wording(db, "call-offer", "ur", candidate.wording.digest, "Not as we say it", second)
    digest = candidate.wording.digest
    with db.read() as session:
        kept = [(entry.action, entry.detail) for entry in session.exec(select(AuditEntry).order_by(AuditEntry.id))]
    assert kept == [
        ("draft-wording", {"draft": draft.id, "digest": digest}),
        ("approve-wording", {"digest": digest}),
        ("withdraw-approval", {"digests": [digest]}),
        ("reject-wording", {"digest": digest}),
    ]


def test_what_has_changed_since_it_was_read_is_not_approved_unread(
    db: Database, reviewer: UserAccount, second: UserAccount
) -> None:
    read = wording_for("call-offer", "ur")
    assert read
    write_draft(db, "call-offer", "ur", "اردو میں مدد چاہیے تو 9 لکھ کر بھیجیں۔", actor_of(second))
    assert refusal(approve_wordings, db, ["call-offer"], "ur", reviewer, digest=read.digest) == "wording-changed"
    assert in_force(db) == set()


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.REVIEWER, Role.LEAD)])
def test_others_may_neither_approve_nor_take_back(db: Database, reviewer: UserAccount, role: Role) -> None:
    approve_wordings(db, ["call-offer"], "ur", reviewer)
    somebody = make_reviewer(db, role)
    with pytest.raises(Refused, match="a lead or a reviewer"):
        approve_wordings(db, ["help"], "ur", somebody)
    with pytest.raises(Refused, match="a lead or a reviewer"):
        withdraw_approval(db, "call-offer", "ur", somebody)
    assert in_force(db) == {("call-offer", "ur")}


def test_what_is_not_there_cannot_be_approved(db: Database, reviewer: UserAccount) -> None:
    for keys, tag, code in ((["emergency"], "xx", "unknown-language"), (["nonsense"], "ur", "unknown-text")):
        assert refusal(approve_wordings, db, keys, tag, reviewer) == code
        assert refusal(withdraw_approval, db, keys[0], tag, reviewer) == code
    assert refusal(approve_wordings, db, ["help"], "cs", reviewer) == "no-wording"


def test_wording_with_a_fault_is_not_approved_until_it_is_mended(
    db: Database, reviewer: UserAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_fault(key: str, tag: str, body: str) -> tuple[Problem, ...]:
        faulty = (key, tag) == ("call-offer", "ur")
        return (Problem(key, tag, "numbers-differ", "The English has the number 9 1 times."),) if faulty else ()

    monkeypatch.setattr("bot.wording.standing.faults_of", one_fault)
    for keys in (["staff-thank-you", "call-offer"], None):
        with pytest.raises(Refused, match=r"^call-offer in ur: ") as refused:
            approve_wordings(db, keys, "ur", reviewer)
        assert refused.value.code == "wording-has-problems"
    assert in_force(db) == set()
    assert approve_wordings(db, ["staff-thank-you"], "ur", reviewer).keys == ["staff-thank-you"]
    assert approve_wordings(db, ["call-offer"], "pl", reviewer).keys == ["call-offer"]


def test_an_approval_can_be_taken_back_and_given_again(db: Database, reviewer: UserAccount) -> None:
    approve_wordings(db, ["call-offer", "staff-thank-you"], "ur", reviewer)
    assert withdraw_approval(db, "call-offer", "ur", reviewer) == 1
    assert withdraw_approval(db, "call-offer", "ur", reviewer) == 0
    assert in_force(db) == {("staff-thank-you", "ur")}
    assert [action for action, _ in deeds(db)].count("withdraw-approval") == 1
    assert approve_wordings(db, ["call-offer"], "ur", reviewer).keys == ["call-offer"]


def test_in_live_the_lifelines_and_the_campaigns_texts_must_be_approved_in_english(
    db: Database, settings: Settings, earnest: Settings, reviewer: UserAccount, second: UserAccount
) -> None:
    with db.read() as session:
        assert unapproved_english(session, settings, FUEL_POVERTY.texts.keys) == []
        missing = set(unapproved_english(session, earnest, FUEL_POVERTY.texts.keys))
    assert {text.key for text in catalogue().values() if text.lifeline} | {"fuel-poverty-consent"} <= missing
    for person in (reviewer, second):
        approve_wordings(db, sorted(missing - {"emergency"}), "en", person)
    with db.read() as session:
        assert unapproved_english(session, earnest, FUEL_POVERTY.texts.keys) == ["emergency"]
    approve_wordings(db, ["emergency"], "en", reviewer)
    with db.read() as session:
        assert unapproved_english(session, earnest, FUEL_POVERTY.texts.keys) == ["emergency"]
    approve_wordings(db, ["emergency"], "en", second)
    with db.read() as session:
        assert unapproved_english(session, earnest, FUEL_POVERTY.texts.keys) == []
