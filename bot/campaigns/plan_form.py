"""What a practice chooses from as it plans a campaign: which purposes there are, and what each of them needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.partners.purposes import Choices, Purpose, purposes
from bot.patients.criteria import CriteriaState, criteria_state
from bot.tables.organisations import Partner, PartnerPractice


@dataclass(frozen=True)
class Offered:
    """A purpose with the state of the criteria it begins with, and what can be chosen for it."""

    purpose: Purpose
    state: CriteriaState
    choices: Choices

    @property
    def lacks_clinic(self) -> bool:
        """Whether it cannot be planned, because the practice has no clinic for it."""
        return self.purpose.has_clinic and not self.choices.clinics


@dataclass(frozen=True)
class PlanForm:
    """The partners of a practice, the purposes that need one of them, and those that need none."""

    partners: Sequence[Partner]
    with_partner: Sequence[Offered]
    without: Sequence[Offered]

    @property
    def offered(self) -> Sequence[Offered]:
        """All purposes."""
        return (*self.with_partner, *self.without)

    @property
    def has_clinics(self) -> bool:
        """Whether there is a purpose that invites to a clinic."""
        return any(each.purpose.has_clinic for each in self.without)

    @property
    def events(self) -> Sequence[Offered]:
        """The purposes for which there are events."""
        return [each for each in self.without if each.choices.events]

    @property
    def may_name(self) -> Sequence[Offered]:
        """The purposes whose invitation may name a partner."""
        return [each for each in self.without if each.purpose.may_name_partner]


def plan_form(session: Session, practice_id: int) -> PlanForm:
    """The form of a practice."""
    offered = [_offered(session, practice_id, purpose) for purpose in purposes().values()]
    return PlanForm(
        partners=_partners(session, practice_id),
        with_partner=[each for each in offered if each.purpose.has_partner],
        without=[each for each in offered if not each.purpose.has_partner],
    )


def _offered(session: Session, practice_id: int, purpose: Purpose) -> Offered:
    choices = purpose.choices(session, practice_id) if purpose.choices else Choices()
    return Offered(purpose, criteria_state(session, practice_id, purpose.criteria), choices)


def _partners(session: Session, practice_id: int) -> Sequence[Partner]:
    linked = (
        select(Partner)
        .join(PartnerPractice, col(PartnerPractice.partner_id) == col(Partner.id))
        .where(PartnerPractice.practice_id == practice_id)
        .order_by(col(Partner.name))
    )
    return session.exec(linked).all()
