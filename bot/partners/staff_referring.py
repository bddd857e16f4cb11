"""Staff refer a person to a partner, or on to another: with a yes they were told, or by asking the person by text."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from bot.accounts.rights import declare_right, require
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.from_practice import practice_values
from bot.organisations.finding import held_link, partner_by_code, practice_by_code
from bot.partners.agreeing import refer_at_once
from bot.partners.proposing import (
    ask_by_text,
    drop_proposals,
    offer_text,
    offer_values,
    open_proposal,
)
from bot.partners.purposes import find_purpose
from bot.patients.told import person_to_change
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import OPEN_STATES, Consent, ConsentHow, Proposal, Referral, ReferralState
from bot.tables.patients import Patient
from bot.wording.composing import ENGLISH, Composed, NotApprovedError, load_wordings

REFER = declare_right("refer-people", Role.PRACTICE, Role.LEAD)
LONGEST_SAID = 1000
"""Characters of what staff write down for a partner."""
SAID_YES = (ConsentHow.PHONE, ConsentHow.IN_PERSON)
_MAY_BE_MOVED = (*OPEN_STATES, ReferralState.FULL)


@dataclass(frozen=True)
class Wanted:
    """Whom staff want to refer: NHS number, the partner's code, a purpose, and what the person told them.

    `said_yes`: how the person agreed; None has them asked by text.
    """

    practice: str
    nhs_number: str
    partner: str
    purpose: str
    said: str = ""
    said_yes: ConsentHow | None = None


@dataclass(frozen=True)
class Made:
    """What came of it: a referral, or a question that is on its way."""

    referral: Referral | None
    proposal: Proposal | None
    partner: Partner

    def as_json(self) -> dict[str, Any]:
        """What `referrals make` and `reroute` answer."""
        state = self.referral.state if self.referral else "asked"
        return {"referral": self.referral.code if self.referral else None, "partner": self.partner.code, "state": state}

    @property
    def words(self) -> str:
        """What happened, in a sentence or two."""
        if self.referral is None:
            return f"The question whether {self.partner.name} may help is on its way. Nothing is shared before a yes."
        if self.referral.state == ReferralState.WAITING:
            return f"{self.partner.name} is full: referral {self.referral.code} waits in line. Tell the person so."
        return f"Referral {self.referral.code}: {self.partner.name} has their details now."


def refer_person(db: Database, settings: Settings, wanted: Wanted, actor: Actor) -> Made:
    """Refer a person of the practice into the partner's line, or ask them by text whether they want it.

    :raises Refused: `unknown-practice`, `unknown-partner`, `unknown-purpose`, `unknown-person`, `partner-not-linked`,
        `not-for-this` (a purpose without a partner), `too-long`, `referred-already`, `cannot-refer` (who has died or
        left), `cannot-text`, `not-approved`, `not-allowed`.
    """
    said = _read_said(wanted.said)
    with db.write() as session:
        practice, partner = practice_by_code(session, wanted.practice), partner_by_code(session, wanted.partner)
        actor = require(session, actor, REFER, practice)
        _require_help(session, practice, partner, wanted.purpose)
        patient = person_to_change(session, practice, wanted.nhs_number)
        return _refer(session, settings, patient, partner, wanted.purpose, None, said, wanted.said_yes, actor)


def reroute_referral(
    db: Database, settings: Settings, code: str, partner_code: str, said_yes: ConsentHow | None, actor: Actor
) -> Made:
    """Move a person to another partner that works with the practice, once they have agreed to that one.

    With a yes recorded by staff the first referral is closed at once; by text it stands until the person says yes.
    :raises Refused: `unknown-referral`, `referral-moved-on` (it ended, but not because the partner was full),
        `same-partner`, and all of `refer_person`.
    """
    with db.write() as session:
        old = session.exec(select(Referral).where(Referral.code == code)).first()
        if old is None:
            raise Refused("unknown-referral", f"There is no referral {code} here.")
        practice, partner = session.get_one(Practice, old.practice_id), partner_by_code(session, partner_code)
        actor = require(session, actor, REFER, practice)
        if old.state not in _MAY_BE_MOVED:
            raise Refused("referral-moved-on", f"Referral {code} is {old.state} by now. Make a new one instead.")
        if partner.id == old.partner_id:
            raise Refused("same-partner", f"Referral {code} is with {partner.name} already. Choose another partner.")
        _require_help(session, practice, partner, old.purpose)
        patient = session.get_one(Patient, old.patient_id)
        return _refer(session, settings, patient, partner, old.purpose, old, "", said_yes, actor)


def what_to_read_out(
    session: Session, settings: Settings, practice: Practice, partner: Partner, instead_of: Referral | None = None
) -> str | None:
    """What staff ask a person in English before they record a yes; None while that wording is not approved."""
    composed = _question(session, settings, practice, partner, instead_of)
    return composed.body if composed else None


def _read_said(said: str) -> str:
    said = said.strip()
    if len(said) > LONGEST_SAID:
        raise Refused("too-long", f"Write at most {LONGEST_SAID} characters for the partner; this has {len(said)}.")
    return said


def _require_help(session: Session, practice: Practice, partner: Partner, purpose: str) -> None:
    if not find_purpose(purpose).has_partner:
        raise Refused("not-for-this", f"{find_purpose(purpose).title} is nothing that a partner helps with.")
    if held_link(session, partner.id, practice.id) is None:
        raise Refused(
            "partner-not-linked",
            f"{partner.name} does not work with {practice.name} yet. Ask an administrator to link the two.",
            by_command=f"partners add {partner.code} --practice {practice.code}",
        )


def _refer(
    session: Session,
    settings: Settings,
    patient: Patient,
    partner: Partner,
    purpose: str,
    old: Referral | None,
    said: str,
    said_yes: ConsentHow | None,
    actor: Actor,
) -> Made:
    _require_free_to_go(session, patient, partner)
    if said_yes is None:
        proposal = open_proposal(
            session,
            patient=patient,
            partner=partner,
            purpose=purpose,
            said=said,
            instead_of=old,
            made_by=actor.user_id,
        )
        ask_by_text(session, settings, proposal, patient)
        detail = {"partner": partner.code} | ({"instead_of": old.code} if old else {})
        record(
            session, actor, "referral-proposed", f"proposal:{proposal.id}", practice_id=patient.practice_id, **detail
        )
        return Made(None, proposal, partner)
    drop_proposals(session, patient.id or 0)
    consent = _record_yes(session, settings, patient, partner, old, said_yes, actor)
    made = refer_at_once(session, settings, consent, purpose, instead_of=old, said=said, actor=actor)
    return Made(made, None, partner)


def _require_free_to_go(session: Session, patient: Patient, partner: Partner) -> None:
    if patient.deceased or not patient.registered:
        raise Refused("cannot-refer", "This person has died, or is not registered at the practice any more.")
    known = select(Referral.code).where(
        Referral.patient_id == patient.id,
        Referral.partner_id == partner.id,
        col(Referral.state).in_(OPEN_STATES),
    )
    if (code := session.exec(known).first()) is not None:
        raise Refused("referred-already", f"This person is with {partner.name} already, as referral {code}.")


def _record_yes(
    session: Session,
    settings: Settings,
    patient: Patient,
    partner: Partner,
    old: Referral | None,
    said_yes: ConsentHow,
    actor: Actor,
) -> Consent:
    practice = session.get_one(Practice, patient.practice_id)
    asked = _question(session, settings, practice, partner, old)
    if asked is None:
        raise Refused("not-approved", "The wording of the question is not approved yet. Ask a lead to approve it.")
    consent = Consent(
        practice_id=patient.practice_id,
        patient_id=patient.id or 0,
        partner_id=partner.id or 0,
        campaign_id=old.campaign_id if old else None,
        text_key=offer_text(old),
        language=ENGLISH,
        wording_digest=asked.digest,
        question=asked.body,
        given_at=utc_now(),
        how=said_yes,
        recorded_by=actor.user_id,
    )
    session.add(consent)
    session.flush()
    record(
        session,
        actor,
        "consent-recorded",
        f"patient:{patient.id}",
        practice_id=patient.practice_id,
        partner=partner.code,
        how=str(said_yes),
    )
    return consent


def _question(
    session: Session, settings: Settings, practice: Practice, partner: Partner, old: Referral | None
) -> Composed | None:
    key = offer_text(old)
    values = {**practice_values(practice, key), **offer_values(session, partner, old)}
    try:
        return load_wordings(session, settings, key, [ENGLISH]).compose(key, ENGLISH, values)
    except NotApprovedError:
        return None
