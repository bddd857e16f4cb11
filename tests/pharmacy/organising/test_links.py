"""A pharmacy texts people of a practice once both have said yes."""

import pytest
from sqlmodel import col, select

from bot.audit import CONSOLE, AuditEntry
from bot.database import Database
from bot.pharmacy.organising.links import confirm_link, end_link, is_linked, linked_practices, links_of
from bot.pharmacy.organising.listing import list_pharmacies
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.organisations import Pharmacy, Practice
from tests.factories import join, make_account, make_practice
from tests.pharmacy.organising.making import make_pharmacy


def linked(db: Database, pharmacy: Pharmacy, practice: Practice) -> bool:
    with db.read() as session:
        ids = list(linked_practices(session, pharmacy.id or 0))
        alike = is_linked(session, pharmacy.id or 0, practice.id or 0)
        [line] = [line for line in list_pharmacies(session) if line.code == pharmacy.code]
    assert (practice.id in ids) == alike == (practice.code in line.practices)
    return alike


@pytest.mark.parametrize("first", ["lead", "dispenser"])
def test_it_holds_when_the_second_has_said_yes_whoever_comes_first(
    db: Database, practice: Practice, pharmacy: Pharmacy, lead: UserAccount, dispenser: UserAccount, first: str
) -> None:
    one, two = (lead, dispenser) if first == "lead" else (dispenser, lead)
    waiting = confirm_link(db, "PRIORY", "STATION", actor_of(one))
    assert waiting.waits_for == (("pharmacy",) if first == "lead" else ("practice",))
    assert "has still to say yes" in waiting.in_words()
    assert not linked(db, pharmacy, practice)
    assert confirm_link(db, "PRIORY", "STATION", actor_of(one)).waits_for == waiting.waits_for
    assert confirm_link(db, "PRIORY", "STATION", actor_of(two)).waits_for == ()
    assert linked(db, pharmacy, practice)


def test_the_console_says_yes_for_both(db: Database, practice: Practice, pharmacy: Pharmacy) -> None:
    answer = confirm_link(db, "PRIORY", "STATION", CONSOLE).as_json()
    assert answer == {"pharmacy": "PRIORY", "practice": "STATION", "linked": True, "waits_for": []}
    assert linked(db, pharmacy, practice)


def test_who_belongs_to_both_says_yes_for_both(db: Database, practice: Practice, pharmacy: Pharmacy) -> None:
    both = join(db, make_account(db, Role.LEAD, practice=practice), Role.PHARMACY, pharmacy)
    assert confirm_link(db, "PRIORY", "STATION", actor_of(both)).waits_for == ()


def test_nobody_else_says_yes_or_ends_it(db: Database, practice: Practice, pharmacy: Pharmacy) -> None:
    confirm_link(db, "PRIORY", "STATION", CONSOLE)
    others = [
        make_account(db, Role.PRACTICE, practice=practice),
        make_account(db, Role.ADMIN),
        make_account(db, Role.LEAD, practice=make_practice(db, "BRIDGE")),
        make_account(db, Role.PHARMACY, pharmacy=make_pharmacy(db, code="OTHER")),
    ]
    for account in others:
        for deed in (confirm_link, end_link):
            with pytest.raises(Refused) as refused:
                deed(db, "PRIORY", "STATION", actor_of(account))
            assert refused.value.code == "not-allowed"
            assert "a lead of Station Practice" in str(refused.value)
    assert linked(db, pharmacy, practice)


def test_either_side_ends_it_and_then_both_have_to_say_yes_again(
    db: Database, practice: Practice, pharmacy: Pharmacy, lead: UserAccount, dispenser: UserAccount
) -> None:
    for account in (lead, dispenser):
        confirm_link(db, "PRIORY", "STATION", CONSOLE)
        end_link(db, "PRIORY", "STATION", actor_of(account))
        assert not linked(db, pharmacy, practice)
        assert confirm_link(db, "PRIORY", "STATION", actor_of(account)).waits_for
        end_link(db, "PRIORY", "STATION", actor_of(account))
        with pytest.raises(Refused) as refused:
            end_link(db, "PRIORY", "STATION", actor_of(account))
        assert refused.value.code == "pharmacy-not-linked"


def test_each_side_sees_its_own_links_and_no_others(db: Database, practice: Practice, pharmacy: Pharmacy) -> None:
    bridge = make_practice(db, "BRIDGE")
    confirm_link(db, "PRIORY", "STATION", CONSOLE)
    make_pharmacy(db, bridge, code="OTHER")
    with db.read() as session:
        assert [line.practice for line in links_of(session, pharmacy_id=pharmacy.id)] == ["STATION"]
        assert [line.pharmacy for line in links_of(session, practice_id=bridge.id)] == ["OTHER"]


def test_the_trail_of_the_practice_says_who_said_yes(
    db: Database, practice: Practice, pharmacy: Pharmacy, lead: UserAccount, dispenser: UserAccount
) -> None:
    for account in (lead, dispenser):
        confirm_link(db, "PRIORY", "STATION", actor_of(account))
    with db.read() as session:
        entries = session.exec(select(AuditEntry).order_by(col(AuditEntry.id))).all()
    trail = [(entry.action, entry.actor) for entry in entries]
    assert {entry.practice_id for entry in entries} == {practice.id}
    assert trail == [
        ("practice-confirmed-link", f"lead:{lead.id}"),
        ("pharmacy-confirmed-link", f"pharmacy:{dispenser.id}"),
    ]


@pytest.mark.parametrize(
    ("pharmacy_code", "practice_code", "code"),
    [("NOWHERE", "STATION", "unknown-pharmacy"), ("PRIORY", "NOWHERE", "unknown-practice")],
)
def test_what_is_not_there_is_refused(
    db: Database, practice: Practice, pharmacy: Pharmacy, pharmacy_code: str, practice_code: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        confirm_link(db, pharmacy_code, practice_code, CONSOLE)
    assert refused.value.code == code
