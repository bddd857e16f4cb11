"""Who stands by which words: only a reviewer or a lead, only sound wording, and until it is taken back."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from bot.audit import AuditEntry
from bot.campaigns.fuel_poverty import FUEL_POVERTY
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from bot.tables.wording import WordingApproval
from bot.texts.catalogue import Text, catalogue
from bot.texts.wording import Wording, read_wording, wording_for
from bot.wording.approvals import approve_wordings, unapproved_english, withdraw_approval
from bot.wording.composing import approvals_in_force
from tests.factories import make_account


def in_force(db: Database) -> set[tuple[str, str]]:
    with db.read() as session:
        return {(key, tag) for key, tag, _ in approvals_in_force(session)}


def deeds(db: Database) -> list[tuple[str, str]]:
    with db.read() as session:
        return [(entry.action, entry.subject) for entry in session.exec(select(AuditEntry).order_by(AuditEntry.id))]


def test_an_approval_covers_these_words_by_this_person(db: Database, reviewer: UserAccount) -> None:
    assert approve_wordings(db, ["emergency"], "ur", reviewer) == ["emergency"]
    wording = wording_for("emergency", "ur")
    assert wording
    with db.read() as session:
        kept = session.exec(select(WordingApproval)).one()
    assert (kept.digest, kept.body, kept.approved_by) == (wording.digest, wording.body, reviewer.id)
    assert deeds(db) == [("approve-wording", "wording:emergency:ur")]


def test_approving_again_changes_nothing(db: Database, reviewer: UserAccount) -> None:
    approve_wordings(db, ["emergency"], "ur", reviewer)
    assert approve_wordings(db, ["emergency"], "ur", reviewer) == []
    assert len(deeds(db)) == 1


def test_all_texts_of_a_language_can_be_approved_at_once(db: Database, reviewer: UserAccount) -> None:
    approved = approve_wordings(db, None, "en", reviewer)
    assert set(approved) == set(catalogue())


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.REVIEWER, Role.LEAD)])
def test_others_may_neither_approve_nor_take_back(db: Database, reviewer: UserAccount, role: Role) -> None:
    approve_wordings(db, ["emergency"], "ur", reviewer)
    somebody = make_account(db, role)
    with pytest.raises(Refused, match="a lead or a reviewer"):
        approve_wordings(db, ["help"], "ur", somebody)
    with pytest.raises(Refused, match="a lead or a reviewer"):
        withdraw_approval(db, "emergency", "ur", somebody)
    assert in_force(db) == {("emergency", "ur")}


def test_what_is_not_there_cannot_be_approved(db: Database, reviewer: UserAccount) -> None:
    for keys, tag, code in ((["emergency"], "xx", "unknown-language"), (["nonsense"], "ur", "unknown-text")):
        with pytest.raises(Refused) as refused:
            approve_wordings(db, keys, tag, reviewer)
        assert refused.value.code == code
        with pytest.raises(Refused) as refused:
            withdraw_approval(db, keys[0], tag, reviewer)
        assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        approve_wordings(db, ["help"], "hu", reviewer)
    assert refused.value.code == "no-wording"


def test_wording_with_a_fault_is_not_approved_until_it_is_mended(
    db: Database, reviewer: UserAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_one_badly(text: Text, tag: str, locales_dir: Path) -> Wording | None:
        wording = read_wording(text, tag, locales_dir)
        if wording is None or (text.key, tag) != ("emergency", "ur"):
            return wording
        return replace(wording, body=wording.body.replace("999", "99"))

    monkeypatch.setattr("bot.texts.check.read_wording", read_one_badly)
    for keys in (["help", "emergency"], None):
        with pytest.raises(Refused, match=r"^emergency in ur: ") as refused:
            approve_wordings(db, keys, "ur", reviewer)
        assert refused.value.code == "wording-has-problems"
    assert in_force(db) == set()
    assert approve_wordings(db, ["help"], "ur", reviewer) == ["help"]
    assert approve_wordings(db, ["emergency"], "pl", reviewer) == ["emergency"]


def test_an_approval_can_be_taken_back_and_given_again(db: Database, reviewer: UserAccount) -> None:
    approve_wordings(db, ["emergency", "help"], "ur", reviewer)
    assert withdraw_approval(db, "emergency", "ur", reviewer) == 1
    assert withdraw_approval(db, "emergency", "ur", reviewer) == 0
    assert in_force(db) == {("help", "ur")}
    assert [action for action, _ in deeds(db)].count("withdraw-approval") == 1
    assert approve_wordings(db, ["emergency"], "ur", reviewer) == ["emergency"]


def test_in_live_the_lifelines_and_the_campaigns_texts_must_be_approved_in_english(
    db: Database, settings: Settings, earnest: Settings, reviewer: UserAccount
) -> None:
    with db.read() as session:
        assert unapproved_english(session, settings, FUEL_POVERTY.texts.keys) == []
        missing = set(unapproved_english(session, earnest, FUEL_POVERTY.texts.keys))
    assert {text.key for text in catalogue().values() if text.lifeline} | {"fuel-poverty-consent"} <= missing
    approve_wordings(db, sorted(missing - {"emergency"}), "en", reviewer)
    with db.read() as session:
        assert unapproved_english(session, earnest, FUEL_POVERTY.texts.keys) == ["emergency"]
    approve_wordings(db, ["emergency"], "en", reviewer)
    with db.read() as session:
        assert unapproved_english(session, earnest, FUEL_POVERTY.texts.keys) == []
