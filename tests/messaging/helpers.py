"""Short ways to queue, claim and settle texts, and to look at what became of them."""

import itertools
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bot.campaigns.subject import about
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.callbacks import StatusReport, record_status
from bot.messaging.claiming import Claim, claim_due_messages
from bot.messaging.outbox import queue_text
from bot.messaging.outcomes import record_outcomes
from bot.messaging.twilio.gateway import Found, SendResult
from bot.patients.optouts import record_opt_out
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.attention import InboxItem
from bot.tables.campaigns import Batch, Campaign, CampaignMember
from bot.tables.messaging import Attempt, Kind, Message, Outcome, State
from bot.tables.organisations import Partner, Practice
from bot.tables.patients import OptOutScope, Patient
from bot.tables.wording import WordingApproval
from bot.texts.wording import wording_for
from tests.factories import make_account

LONDON = ZoneInfo("Europe/London")
_numbers = itertools.count(1)

RANK = {
    State.QUEUED: 0,
    State.HELD: 0,
    State.SENDING: 1,
    State.UNCERTAIN: 1,
    State.ACCEPTED: 2,
    State.SENT: 3,
    State.DELIVERED: 4,
    State.UNDELIVERED: 4,
    State.FAILED: 4,
    State.CANCELLED: 4,
}
"""How far a text is, said apart from the table of moves that it tests."""


def london(text: str) -> datetime:
    """A moment by the wall clock of London, such as `2026-11-24 10:05`."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def with_changes(settings: Settings, **changes: Any) -> Settings:
    return Settings(**(settings.model_dump() | changes))


def live(settings: Settings, **changes: Any) -> Settings:
    """Settings of a practice that works in earnest."""
    base = {"mode": "live", "twilio_account_sid": "AC" + "1" * 32, "twilio_auth_token": "token"}
    sender = {"twilio_from": "+441632960001", "public_url": "https://texts.example.org"}
    return with_changes(settings, **(base | sender | changes))


def make_campaign(db: Database, practice: Practice, partner: Partner, **changes: Any) -> Campaign:
    values: dict[str, Any] = {
        "practice_id": practice.id,
        "partner_id": partner.id,
        "purpose": "fuel-poverty",
        "criteria": "cold-home-respiratory",
        "criteria_version": 1,
        "matched": 1,
        "created_at": utc_now(),
    }
    with db.write() as session:
        campaign = Campaign(**(values | changes))
        session.add(campaign)
    return campaign


def queue(db: Database, settings: Settings, practice: Practice, patient: Patient, **changes: Any) -> Message:
    """Queue one text; an invitation unless told otherwise."""
    values: dict[str, Any] = {
        "text_key": "fuel-poverty-invitation",
        "language": patient.language or "en",
        "values": {"practice": practice.name, "partner": "Citizens Advice"},
        "phone": patient.phone,
        "practice": practice,
        "patient_id": patient.id,
    }
    with db.write() as session:
        return queue_text(session, settings, **(values | changes))


def queue_kind(
    db: Database, settings: Settings, practice: Practice, patient: Patient, kind: str, **changes: Any
) -> Message:
    """Queue a text of a kind; its words do not matter."""
    return queue(db, settings, practice, patient, text_key="emergency", values={}, language="en", kind=kind, **changes)


def invite(db: Database, settings: Settings, practice: Practice, patient: Patient, campaign: Campaign) -> Message:
    """Invite one person of a campaign, as a released batch does."""
    with db.write() as session:
        number = next(_numbers)
        batch = Batch(campaign_id=campaign.id or 0, number=number, size=1, limited_by="cohort", approved_at=utc_now())
        session.add(batch)
        session.flush()
        session.add(
            CampaignMember(
                campaign_id=campaign.id or 0,
                patient_id=patient.id or 0,
                recorded_language=patient.language,
                language=patient.language or "en",
                batch_id=batch.id,
            )
        )
    asked: dict[str, Any] = {"subject": about(campaign.id), "question": "invitation"}
    invitation = queue(db, settings, practice, patient, language=patient.language, **asked)
    change(db, invitation, batch_id=batch.id)
    return reload(db, invitation)


def claim(db: Database, settings: Settings, limit: int = 50, **more: Any) -> list[Claim]:
    return claim_due_messages(db, settings, limit, **more)


def claim_one(db: Database, settings: Settings) -> Claim:
    [only] = claim(db, settings)
    return only


def end(db: Database, claimed: Claim, outcome: Outcome, **more: Any) -> None:
    """Let a POST end in some way."""
    record_outcomes(db, [(claimed, SendResult(outcome, **more))])


def accept(db: Database, claimed: Claim, sid: str | None = None) -> str:
    """Let Twilio take a text; gives its sid."""
    sid = sid or f"SM{next(_numbers):032d}"
    end(db, claimed, Outcome.ACCEPTED, sid=sid, status="queued")
    return sid


def call_back(db: Database, ref: str, sid: str, status: str, code: int | None = None) -> None:
    record_status(db, ref, StatusReport(sid, status, code, None))


def found(sid: str | None, status: str = "sent", code: int | None = None) -> Found:
    return Found(sid, status, code)


def send_all(db: Database, settings: Settings) -> list[Claim]:
    """Claim all that is due and let Twilio take it."""
    claims = claim(db, settings)
    for claimed in claims:
        accept(db, claimed)
    return claims


def reload(db: Database, message: Message | int) -> Message:
    with db.read() as session:
        return session.get_one(Message, message if isinstance(message, int) else message.id)


def attempts_of(db: Database, message: Message) -> list[Attempt]:
    with db.read() as session:
        statement = select(Attempt).where(Attempt.message_id == message.id)
        return list(session.exec(statement.order_by(col(Attempt.number))))


def texts_to(db: Database, phone: str | None) -> list[Message]:
    """All that went or will go to a phone, oldest first."""
    with db.read() as session:
        statement = select(Message).where(Message.phone == phone, Message.direction == "out")
        return list(session.exec(statement.order_by(col(Message.id))))


def keys_to(db: Database, phone: str | None) -> list[str | None]:
    return [message.text_key for message in texts_to(db, phone)]


def inbox(db: Database) -> list[str]:
    """The reasons for which staff must look, in the order they came."""
    with db.read() as session:
        return list(session.exec(select(InboxItem.reason).order_by(col(InboxItem.id))))


def change(db: Database, row: Any, **changes: Any) -> None:
    """Change a row as a list import or a colleague would."""
    with db.write() as session:
        known = session.get_one(type(row), row.id)
        for name, value in changes.items():
            setattr(known, name, value)
        session.add(known)


def opt_out(db: Database, practice: Practice, phone: str | None, scope: str = OptOutScope.OUTREACH) -> None:
    with db.write() as session:
        record_opt_out(
            session, practice_id=practice.id or 0, phone=phone or "", scope=OptOutScope(scope), source="test"
        )


def approve(db: Database, *keys: str, tag: str = "en") -> None:
    """Somebody stands by these wordings."""
    account = make_account(db, Role.REVIEWER)
    with db.write() as session:
        for key in keys:
            wording = wording_for(key, tag)
            assert wording is not None
            session.add(approval(wording.text_key, tag, wording.digest, wording.body, account.id or 0))


def approval(key: str, tag: str, digest: str, body: str, account_id: int) -> WordingApproval:
    return WordingApproval(
        text_key=key, language=tag, digest=digest, body=body, approved_by=account_id, approved_at=utc_now()
    )


def rows(session: Session, table: Any) -> list[Any]:
    return list(session.exec(select(table).order_by(table.id)))


OUTREACH_AND_OTHERS = [kind for kind in Kind if kind != Kind.INBOUND]
