"""Who a campaign is for: named, versioned criteria, signed by a clinician of the practice and by the partner."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Case, ColumnElement
from sqlmodel import Session, col, select

from bot.accounts.rights import declare_right, roles_used, under
from bot.audit import Actor, record
from bot.capability import in_use
from bot.clock import born_by, utc_now
from bot.database import Database
from bot.organisations.finding import practice_by_code
from bot.patients.eligibility import ON_RECORD, first_that_applies, rules
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.organisations import Partner, PartnerPractice, Practice
from bot.tables.patients import CriteriaSignature, Patient, PatientCode, PatientSelection

Rule = Callable[[date], ColumnElement[bool]]
"""Whether a reason of one's own applies to the `Patient` of a query, on a day in London."""

SIGN = declare_right("sign-criteria", Role.LEAD, Role.PARTNER)


@dataclass(frozen=True)
class Criteria:
    """What clinician and partner agree to: which people of a practice, and in which order reasons against are asked.

    `reasons` are all there are, the criteria's own before or among those that always hold; `own` are the rules of
    its own. Who is left out for one of `unmatched` does not meet the criteria at all; the others do, and are left
    out all the same. `words` says the own reasons to people, `who_match` and `who_do_not` whom it
    finds and whom it does not ("… have the condition"). `matches` is a rule of its own for whom it finds, where the
    reasons alone cannot say it.
    `conditions` are groups of SNOMED CT concepts of which one is enough, where it asks for a coded condition.
    """

    name: str
    version: int
    title: str
    description: str
    reasons: tuple[str, ...]
    own: Mapping[str, Rule]
    unmatched: frozenset[str]
    words: Mapping[str, str]
    who_match: str
    who_do_not: str
    minimum_age: int = 18
    matches: Rule | None = None
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _built: dict[date, Case[str | None]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def first(self) -> str:
        """The first reason: most of a practice is left out for it, so it is counted and kept of nobody."""
        return self.reasons[0]

    def reason_sql(self, today: date, last: Mapping[str, ColumnElement[bool]] | None = None) -> Case[str | None]:
        """The first reason not to invite the Patient of a query, null for none; built once a day.

        :param today: the date in London, by which ages are counted.
        :param last: reasons after all others.
        """
        if last:
            return first_that_applies(self._rules(today) | dict(last))
        built = self._built.get(today)
        if built is None:
            built = first_that_applies(self._rules(today))
            self._built.clear()  # yesterday's
            self._built[today] = built
        return built

    def _rules(self, today: date) -> dict[str, ColumnElement[bool]]:
        common = rules(ON_RECORD)
        return {name: self.own[name](today) if name in self.own else common[name] for name in self.reasons}


def selected(criteria: str) -> ColumnElement[bool]:
    """Whether the practice's own search chose the Patient of a query for those criteria."""
    chosen = select(col(PatientSelection.patient_id)).where(
        col(PatientSelection.patient_id) == col(Patient.id), col(PatientSelection.criteria) == criteria
    )
    return chosen.correlate(Patient).exists()


def coded(codes: Collection[str]) -> ColumnElement[bool]:
    """Whether the record of the Patient of a query has one of these SNOMED CT concepts."""
    found = select(col(PatientCode.patient_id)).where(
        col(PatientCode.patient_id) == col(Patient.id), col(PatientCode.code).in_(codes)
    )
    return found.correlate(Patient).exists()


def younger_than(years: int) -> Rule:
    """The rule that leaves out who is not that old yet."""
    return lambda today: col(Patient.born) > born_by(years, today)


def list_criteria() -> tuple[Criteria, ...]:
    """All criteria that capabilities bring."""
    return in_use().bring("criteria")


def find_criteria(name: str) -> Criteria:
    """The criteria of that name. :raises Refused: there are none; the message lists those there are."""
    known = {criteria.name: criteria for criteria in list_criteria()}
    if name not in known:
        raise Refused("unknown-criteria", f"There are no criteria {name}. Use one of: {', '.join(known)}.")
    return known[name]


@dataclass(frozen=True)
class CriteriaState:
    """Who has signed the present version of criteria for a practice."""

    criteria: Criteria
    lead_signed: bool
    partners_signed: frozenset[int]

    def agreed_with(self, partner_id: int | None) -> bool:
        """Whether both a lead and that partner have signed; the lead alone where no partner is needed."""
        return self.lead_signed and (partner_id is None or partner_id in self.partners_signed)

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


@dataclass(frozen=True)
class _Signer:
    """Somebody who may sign, under the role used; `partner_id` for which partner, None for the practice itself."""

    actor: Actor
    role: Role
    organisation: str
    partner_id: int | None


def sign_criteria(
    db: Database, practice_code: str, name: str, account: UserAccount, organisation: str | None = None
) -> CriteriaState:
    """Sign the present version for a practice; signing again changes nothing.

    :param organisation: the code of the organisation the account signs for; None is the only one it can sign for.
    :raises Refused: the account is neither a lead of the practice nor of a partner that works with it; or it is both,
        and did not say for which it signs.
    """
    with db.write() as session:
        practice = practice_by_code(session, practice_code)
        practice_id = practice.id or 0
        criteria = find_criteria(name)
        signer = _require_right_to_sign(session, actor_of(account), practice, organisation)
        if not _has_signed(criteria_state(session, practice_id, name), signer):
            session.add(_signature(practice_id, criteria, signer))
            subject, version = f"criteria:{criteria.name}", criteria.version
            record(session, signer.actor, "criteria-signed", subject, practice_id=practice_id, version=version)
            session.flush()
        return criteria_state(session, practice_id, name)


def _signature(practice_id: int, criteria: Criteria, signer: _Signer) -> CriteriaSignature:
    return CriteriaSignature(
        practice_id=practice_id,
        partner_id=signer.partner_id,
        criteria=criteria.name,
        version=criteria.version,
        signed_as=signer.role,
        user_id=signer.actor.user_id or 0,
        signed_at=utc_now(),
    )


def _has_signed(state: CriteriaState, signer: _Signer) -> bool:
    if signer.partner_id is None:
        return state.lead_signed
    return signer.partner_id in state.partners_signed


def _require_right_to_sign(session: Session, actor: Actor, practice: Practice, organisation: str | None) -> _Signer:
    signers = [
        signer
        for signer in _signers(session, actor, practice)
        if organisation is None or signer.organisation == organisation
    ]
    if not signers:
        raise Refused(
            "not-allowed",
            f"Only a lead of {practice.code} or an account of a partner that works with it can sign.",
        )
    if len(signers) > 1:
        codes = " or ".join(signer.organisation for signer in signers)
        raise Refused(
            "which-organisation", f"You can sign for {codes}. Say for which.", by_command="--organisation CODE"
        )
    return signers[0]


def _signers(session: Session, actor: Actor, practice: Practice) -> Iterator[_Signer]:
    """Everything for which a person may sign: the practice, and each partner that works with it."""
    roles = roles_used(session, actor, SIGN)
    if practice.code in roles:
        role = roles[practice.code]
        yield _Signer(under(actor, role), role, practice.code, None)
    linked = (
        select(Partner)
        .join(PartnerPractice, col(PartnerPractice.partner_id) == col(Partner.id))
        .where(PartnerPractice.practice_id == practice.id, col(Partner.code).in_(roles))
        .order_by(col(Partner.id))
    )
    for partner in session.exec(linked):
        role = roles[partner.code]
        yield _Signer(under(actor, role), role, partner.code, partner.id)
