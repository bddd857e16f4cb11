"""What is free at a campaign's clinic in the next four weeks, by who needs what: read in a few statements."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, case, func, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col

from bot.appointments.inviting.clinics_invited_to import InvitedTo, clinic_of
from bot.appointments.inviting.sharing import Waits, share
from bot.appointments.joint.choosing import Asked, Picture
from bot.appointments.joint.finding import look_for_all, preferred_sex
from bot.tables.appointments import TAKES_TIME, Visit
from bot.tables.campaigns import Campaign, CampaignMember, MemberAnswer
from bot.tables.interpreters import Mode
from bot.tables.patients import Patient
from bot.texts.languages import LANGUAGES

AHEAD = timedelta(days=28)
"""Times that start later are promised to nobody yet."""
EVERYBODY = "everybody"
"""The key of those who need no interpreter."""
_MAY_STILL_COME = (MemberAnswer.YES, MemberAnswer.OTHER)


@dataclass(frozen=True)
class Sharing:
    """People of a campaign who share times: those who need an interpreter for one language, or those who need none.

    `language` is None where nobody interprets, and of people who need it and whose language is not recorded. `waiting`
    are those not invited yet; `people` are all who may still take a time.
    """

    interpreted: bool
    language: str | None
    waiting: int
    people: int

    @property
    def key(self) -> str:
        """Its name in `campaigns.groups.Group`."""
        return f"{self.language or 'unknown'}:interpreter" if self.interpreted else EVERYBODY

    @property
    def words(self) -> str:
        """Its name to people."""
        if not self.interpreted:
            return "Everybody else"
        return f"{self.language_in_words if self.language else 'No language recorded'}, with an interpreter"

    @property
    def language_in_words(self) -> str:
        """The language in English."""
        known = LANGUAGES.get(self.language or "")
        return known.english if known else self.language or ""


@dataclass(frozen=True)
class FreeTimes:
    """All that is free at a campaign's clinic, and how many times of it are counted for each group."""

    at: InvitedTo
    picture: Picture
    groups: Sequence[Sharing]
    times: Counter[str]
    now: datetime

    def asked_by(self, group: Sharing) -> Asked:
        """What a group asks of a time."""
        return _asked(self.at, group, self.now)


def free_times(session: Session, campaign: Campaign, now: datetime) -> FreeTimes:
    """What is free for whom at `now` (UTC), within four weeks, where nobody holds it."""
    at = clinic_of(session, campaign)
    groups = _groups(session, campaign)
    picture = look_for_all(session, at.clinic, now, now + AHEAD)
    waits = [Waits(group.key, _asked(at, group, now), group.people) for group in groups]
    counted = share(picture, waits, now + AHEAD)
    return FreeTimes(at, picture, groups, Counter(time.key for time in counted), now)


def _asked(at: InvitedTo, group: Sharing, now: datetime) -> Asked:
    return Asked(
        interpreted=group.interpreted,
        double=group.interpreted,
        speaks=group.language,
        clinician_sex=at.clinician_sex,
        interpreter_sex=None,
        mode=Mode.IN_PERSON,
        now=now,
        prefers_sex=preferred_sex(at.clinic),
    )


def _groups(session: Session, campaign: Campaign) -> list[Sharing]:
    """The groups of a campaign: by language those who need an interpreter, then the others."""
    rows = [Sharing(*row) for row in session.execute(_people(campaign.id or 0))]
    known = sorted((row for row in rows if row.interpreted and row.language), key=lambda row: row.language or "")
    unknown = [row for row in rows if row.interpreted and not row.language]
    return [*known, *unknown, _together(row for row in rows if not row.interpreted)]


def _together(rows: Iterable[Sharing]) -> Sharing:
    them = list(rows)
    return Sharing(False, None, sum(row.waiting for row in them), sum(row.people for row in them))


def _people(campaign_id: int) -> Select[bool, str | None, int, int]:
    interpreted = func.coalesce(col(Patient.interpreter), False)
    waits = col(CampaignMember.batch_id).is_(None)
    answer = col(CampaignMember.answer)
    has_visit = (
        columns(col(Visit.patient_id))
        .where(col(Visit.campaign_id) == campaign_id, col(Visit.patient_id).is_not(None))
        .where(col(Visit.state).in_(TAKES_TIME))
    )
    may_come = or_(answer.is_(None), answer.in_(_MAY_STILL_COME))
    return (
        columns(interpreted, col(Patient.language), func.sum(case((waits, 1), else_=0)), func.count())
        .select_from(CampaignMember)
        .join(Patient, col(Patient.id) == col(CampaignMember.patient_id))
        .where(
            col(CampaignMember.campaign_id) == campaign_id,
            ~col(CampaignMember.left_out),
            and_(may_come, col(Patient.id).not_in(has_visit)),
        )
        .group_by(interpreted, col(Patient.language))
    )
