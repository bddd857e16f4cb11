"""Rights: held by roles, had in an organisation, and named in the audit trail by the role used."""

import pytest
from sqlmodel import col, select

from bot.accounts.closing import close_account
from bot.accounts.rights import check_rights, declare_right, holders, practice_of, require, require_anywhere
from bot.audit import CONSOLE, SERVICE, Actor, AuditEntry
from bot.campaigns.batches import stop_campaign
from bot.campaigns.planning import plan_campaign
from bot.capability import in_use
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from tests.factories import join, make_account, make_partner, make_practice

LOOK = declare_right("test-look", Role.PRACTICE, Role.LEAD)
DECIDE = declare_right("test-decide", Role.LEAD)


def test_a_right_is_had_in_the_organisation_of_the_role_and_in_no_other(db: Database) -> None:
    station, bridge = make_practice(db), make_practice(db, "BRIDGE")
    lead = actor_of(make_account(db, Role.LEAD, practice=station))
    with db.read() as session:
        assert require(session, lead, DECIDE, station).user_id == lead.user_id
        for elsewhere in (bridge, None):
            with pytest.raises(Refused, match="Only a lead"):
                require(session, lead, DECIDE, elsewhere)


def test_the_role_used_is_the_one_that_may_least(db: Database) -> None:
    station = make_practice(db)
    account = join(db, make_account(db, Role.LEAD, practice=station), Role.PRACTICE, station)
    with db.read() as session:
        assert require(session, actor_of(account), LOOK, station).label == f"practice:{account.id}"
        assert require(session, actor_of(account), DECIDE, station).label == f"lead:{account.id}"


def test_the_console_passes_and_nobody_else_without_an_account(db: Database) -> None:
    station = make_practice(db)
    with db.read() as session:
        assert require(session, CONSOLE, DECIDE, station) == CONSOLE
        for nobody in (SERVICE, Actor(None, "lead:1"), Actor(987_654, "ghost")):
            with pytest.raises(Refused):
                require(session, nobody, DECIDE, station)


def test_a_closed_account_has_no_rights(db: Database) -> None:
    station = make_practice(db)
    lead = make_account(db, Role.LEAD, practice=station)
    close_account(db, lead.id or 0, CONSOLE)
    with db.read() as session, pytest.raises(Refused):
        require(session, actor_of(lead), DECIDE, station)


def test_what_belongs_to_no_organisation_needs_the_role_in_any(db: Database) -> None:
    station = make_practice(db)
    lead = make_account(db, Role.LEAD, practice=station)
    with db.read() as session:
        actor, code = require_anywhere(session, actor_of(lead), DECIDE)
        assert (actor.label, code) == (f"lead:{lead.id}", "STATION")
        with pytest.raises(Refused, match="Only a lead can do that"):
            require_anywhere(session, actor_of(make_account(db, Role.PRACTICE, practice=station)), DECIDE)


def test_the_refusal_says_who_can(db: Database) -> None:
    station = make_practice(db)
    with db.read() as session, pytest.raises(Refused) as caught:
        require(session, SERVICE, LOOK, station)
    assert caught.value.code == "not-allowed"
    assert caught.value.message == "Only staff or a lead of Station Practice can do that. Sign in as one of them."


def test_one_name_stands_for_one_right(monkeypatch: pytest.MonkeyPatch) -> None:
    assert declare_right("test-look", Role.LEAD, Role.PRACTICE) == LOOK
    assert holders(LOOK) == (Role.PRACTICE, Role.LEAD)
    check_rights()
    monkeypatch.setattr(in_use(), "bring", lambda _field: [LOOK, declare_right("test-look", Role.ADMIN)])
    with pytest.raises(RuntimeError, match="two rights are called test-look"):
        check_rights()


def test_every_right_is_held_by_some_role() -> None:
    assert all(right.roles for right in in_use().bring("rights"))


def test_the_audit_trail_names_the_role_used_in_each_organisation(db: Database, settings: Settings) -> None:
    station, bridge = make_practice(db), make_practice(db, "BRIDGE")
    make_partner(db, station, bridge)
    account = join(db, make_account(db, Role.PRACTICE, practice=station), Role.LEAD, bridge)
    for code in ("STATION", "BRIDGE"):
        plan_campaign(db, settings, code, "fuel-poverty", "CAB", None, actor_of(account))
    with pytest.raises(Refused):
        stop_campaign(db, 1, actor_of(account))
    stop_campaign(db, 2, actor_of(account))
    with db.read() as session:
        entries = session.exec(select(AuditEntry).order_by(col(AuditEntry.id))).all()
    assert [(entry.actor.split(":")[0], entry.action, entry.practice_id) for entry in entries] == [
        ("practice", "campaign-planned", station.id),
        ("lead", "campaign-planned", bridge.id),
        ("lead", "campaign-stopped", bridge.id),
    ]


def test_what_somebody_of_two_practices_does_to_the_account_is_in_neither_trail(db: Database) -> None:
    station, bridge = make_practice(db), make_practice(db, "BRIDGE")
    account = make_account(db, Role.LEAD, practice=station)
    with db.read() as session:
        assert practice_of(session, account.id) == station.id
    join(db, account, Role.LEAD, bridge)
    with db.read() as session:
        assert practice_of(session, account.id) is None
