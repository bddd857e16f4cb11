"""Who a campaign is for: named, versioned criteria, signed by a clinician of the practice and by the partner.

The first criteria are those Citizens Advice and a respiratory nurse made together in the Universal Healthcare
National Inquiry: people whose illness a cold home makes worse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from bot.audit import record
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.finding import practice_by_code
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.organisations import PartnerPractice, Practice
from bot.tables.patients import CriteriaSignature


@dataclass(frozen=True)
class Criteria:
    """What clinician and partner agree to. `conditions` are groups of SNOMED CT concepts: one is enough."""

    name: str
    version: int
    title: str
    description: str
    conditions: Mapping[str, tuple[str, ...]]
    minimum_age: int = 18

    @property
    def codes(self) -> tuple[str, ...]:
        """Every concept that counts as the condition."""
        return tuple(code for group in self.conditions.values() for code in group)


# Concepts of the NHS primary care domain reference sets AST_COD and COPD_COD.
COLD_HOME_RESPIRATORY = Criteria(
    name="cold-home-respiratory",
    version=1,
    title="Breathing illness that a cold home makes worse",
    description=(
        "Registered, alive, 18 or over, with coded asthma or COPD. Own mobile, on one person's record only. "
        "Texting not refused, not opted out."
    ),
    conditions={
        "asthma": ("195967001", "233678006", "370221004"),
        "copd": ("13645005", "313299006", "63480004", "87433001", "10692761000119107"),
    },
)

_REGISTRY: Mapping[str, Criteria] = {criteria.name: criteria for criteria in (COLD_HOME_RESPIRATORY,)}


def list_criteria() -> tuple[Criteria, ...]:
    """All criteria there are."""
    return tuple(_REGISTRY.values())


def find_criteria(name: str) -> Criteria:
    """The criteria of that name. :raises Refused: there are none; the message lists those there are."""
    if name not in _REGISTRY:
        raise Refused("unknown-criteria", f"There are no criteria {name}. Use one of: {', '.join(_REGISTRY)}.")
    return _REGISTRY[name]


@dataclass(frozen=True)
class CriteriaState:
    """Who has signed the present version of criteria for a practice."""

    criteria: Criteria
    lead_signed: bool
    partners_signed: frozenset[int]

    def agreed_with(self, partner_id: int) -> bool:
        """Whether both a lead and that partner have signed."""
        return self.lead_signed and partner_id in self.partners_signed

    def as_json(self) -> dict[str, Any]:
        """What `criteria sign` answers."""
        signed = ["lead"] * self.lead_signed + ["partner"] * bool(self.partners_signed)
        return {"criteria": self.criteria.name, "version": self.criteria.version, "signed": signed}


def criteria_state(session: Session, practice_id: int, name: str) -> CriteriaState:
    """Who has signed. :raises Refused: unknown criteria."""
    criteria = find_criteria(name)
    signatures = session.exec(
        select(CriteriaSignature).where(
            CriteriaSignature.practice_id == practice_id,
            CriteriaSignature.criteria == name,
            CriteriaSignature.version == criteria.version,
        )
    ).all()
    return CriteriaState(
        criteria=criteria,
        lead_signed=any(signature.signed_as == Role.LEAD for signature in signatures),
        partners_signed=frozenset(s.partner_id for s in signatures if s.partner_id is not None),
    )


def sign_criteria(db: Database, practice_code: str, name: str, account: UserAccount) -> CriteriaState:
    """Sign the present version for a practice; signing again changes nothing.

    :raises Refused: the account is neither a lead of the practice nor of a partner that works with it.
    """
    with db.write() as session:
        practice = practice_by_code(session, practice_code)
        practice_id = practice.id or 0
        criteria = find_criteria(name)
        _require_right_to_sign(session, account, practice)
        if not _has_signed(criteria_state(session, practice_id, name), account):
            session.add(_signature(practice_id, criteria, account))
            subject = f"criteria:{criteria.name}"
            record(
                session,
                actor_of(account),
                "criteria-signed",
                subject,
                practice_id=practice_id,
                version=criteria.version,
            )
            session.flush()
        return criteria_state(session, practice_id, name)


def _signature(practice_id: int, criteria: Criteria, account: UserAccount) -> CriteriaSignature:
    return CriteriaSignature(
        practice_id=practice_id,
        partner_id=account.partner_id if account.role == Role.PARTNER else None,
        criteria=criteria.name,
        version=criteria.version,
        signed_as=account.role,
        user_id=account.id or 0,
        signed_at=utc_now(),
    )


def _has_signed(state: CriteriaState, account: UserAccount) -> bool:
    if account.role == Role.LEAD:
        return state.lead_signed
    return account.partner_id in state.partners_signed


def _require_right_to_sign(session: Session, account: UserAccount, practice: Practice) -> None:
    if account.role == Role.LEAD and account.practice_id == practice.id:
        return
    if account.role == Role.PARTNER and account.partner_id is not None:
        statement = select(PartnerPractice).where(
            col(PartnerPractice.partner_id) == account.partner_id,
            col(PartnerPractice.practice_id) == practice.id,
        )
        if session.exec(statement).first():
            return
    raise Refused(
        "not-allowed",
        f"Only a lead of {practice.code} or an account of a partner that works with it can sign.",
    )
