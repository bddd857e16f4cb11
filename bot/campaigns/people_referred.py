"""Everybody a practice has referred, by a campaign or by staff, and whom it is asking about a partner."""

from dataclasses import dataclass

from sqlalchemy import Select
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from bot.conversations.actions import Action, Offered
from bot.conversations.inbox import InboxEntry
from bot.partners.purposes import find_purpose
from bot.partners.referring import STATE_WORDS
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import UserAccount
from bot.tables.organisations import Partner, PartnerPractice, Practice
from bot.tables.partners import OPEN_STATES, Consent, ConsentHow, Proposal, ProposalState, Referral, ReferralState
from bot.tables.patients import Patient

HOW_WORDS = {
    ConsentHow.TEXT: "by text",
    ConsentHow.PHONE: "on the phone, as staff recorded",
    ConsentHow.IN_PERSON: "in person, as staff recorded",
}
"""How somebody said yes, in words."""


@dataclass(frozen=True)
class PersonReferred:
    """One referral of a practice, as its staff see it; `by` is who made it, None where the person's own answer did."""

    referral: Referral
    patient: Patient
    partner: Partner
    consent: Consent
    by: UserAccount | None

    @property
    def name(self) -> str:
        """The person's name."""
        return f"{self.patient.given_name} {self.patient.surname}".strip()

    @property
    def state(self) -> str:
        """Where it stands, in words, with its outcome if there is one."""
        outcome = find_purpose(self.referral.purpose).outcome_in_words(self.referral.outcome)
        words = STATE_WORDS[self.referral.state].capitalize()
        return f"{words}: {outcome.lower()}" if outcome else words

    @property
    def purpose(self) -> str:
        """What it is for."""
        return find_purpose(self.referral.purpose).title

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.referral.state in OPEN_STATES

    @property
    def may_be_moved(self) -> bool:
        """Whether the person may go to another partner in its place."""
        return self.is_open or self.referral.state == ReferralState.FULL

    @property
    def how(self) -> str:
        """How they said yes."""
        return HOW_WORDS[ConsentHow(self.consent.how)]


def referred_by(practice_id: int, state: str | None) -> Select[Referral, Patient, Partner, Consent, UserAccount]:
    """The referrals of a practice, the newest first; of one state, if one is given."""
    statement = (
        sqlalchemy_select(Referral, Patient, Partner, Consent, UserAccount)
        .join(Patient, col(Patient.id) == col(Referral.patient_id))
        .join(Partner, col(Partner.id) == col(Referral.partner_id))
        .join(Consent, col(Consent.id) == col(Referral.consent_id))
        .outerjoin(UserAccount, col(UserAccount.id) == col(Referral.made_by))
        .where(col(Referral.practice_id) == practice_id)
        .order_by(col(Referral.id).desc())
    )
    return statement.where(col(Referral.state) == state) if state else statement


def one_referred(session: Session, practice_id: int, code: str) -> PersonReferred | None:
    """The practice's referral of that code."""
    row = session.execute(referred_by(practice_id, None).where(col(Referral.code) == code)).first()
    return PersonReferred(*row) if row else None


def being_asked(session: Session, practice_id: int) -> list[tuple[Proposal, Patient, Partner]]:
    """Whom the practice is asking about a partner by text, the longest first."""
    statement = (
        sqlalchemy_select(Proposal, Patient, Partner)
        .join(Patient, col(Patient.id) == col(Proposal.patient_id))
        .join(Partner, col(Partner.id) == col(Proposal.partner_id))
        .where(col(Proposal.practice_id) == practice_id, col(Proposal.state) == ProposalState.ASKED)
        .order_by(col(Proposal.id))
    )
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


def partners_of_practice(session: Session, practice_id: int) -> list[Partner]:
    """The partners that work with a practice, by name."""
    linked = (
        select(Partner)
        .join(PartnerPractice, col(PartnerPractice.partner_id) == col(Partner.id))
        .where(PartnerPractice.practice_id == practice_id)
        .order_by(col(Partner.name))
    )
    return list(session.exec(linked))


def _offers(session: Session, _settings: Settings, practice: Practice, entry: InboxEntry) -> Offered | None:
    alone = len(entry.people) == 1 and not entry.people[0].deceased and entry.people[0].registered
    if not alone or not partners_of_practice(session, practice.id or 0):
        return None
    return Offered(
        "Could a partner help?",
        "Refer them, with a yes they told you, or by asking them by text.",
        "",
        "Refer them to a partner",
        f"/people-referred/new?nhs_number={entry.people[0].nhs_number}&item={entry.item.id}",
    )


def _on_its_page(_session: Session, _settings: Settings, _practice: Practice, _entry: InboxEntry) -> None:
    raise Refused("nothing-to-do", "Referring a person has a page of its own. Open the item and follow its link.")


REFER_THEM = Action(name="refer", offers=_offers, does=_on_its_page, done="The person is referred.")
