"""Planning a campaign: the cohort is frozen and counted; nothing is sent."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Subquery, case, func, insert, literal, select
from sqlmodel import Session

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.campaigns.cohort import AGAIN, NO_CONDITION, REASONS, already_invited, classify
from bot.campaigns.purposes import Purpose, find_purpose
from bot.campaigns.rights import PLAN
from bot.clock import london_today, utc_now
from bot.database import Database
from bot.organisations.finding import held_link, partner_by_code, practice_by_code
from bot.patients.criteria import Criteria, CriteriaState, criteria_state
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.campaigns import Campaign, CampaignExclusion, CampaignMember
from bot.tables.organisations import Partner, Practice
from bot.wording.approvals import missing_lifelines
from bot.wording.composing import ENGLISH, Wordings, approvals_in_force, load_wordings

UNKNOWN_LANGUAGE = "unknown"
"""How a person without a recorded language is counted."""


@dataclass(frozen=True)
class Plan:
    """A frozen cohort in numbers. `parts` are those of one invitation in each language of the cohort.

    `already_invited` are those of the cohort who were invited for this purpose lately, or wait in another campaign.
    """

    campaign: int
    matched: int
    cohort: int
    excluded: dict[str, int]
    by_language: dict[str, int]
    parts: dict[str, int]
    wording: dict[str, int]
    draft_languages: list[str]
    already_invited: int

    def as_json(self) -> dict[str, Any]:
        """What `campaign plan` answers."""
        return dict(vars(self))


@dataclass(frozen=True)
class _Counts:
    excluded: dict[str, int]
    languages: dict[str | None, int]
    again: int

    @property
    def cohort(self) -> int:
        return sum(self.languages.values())

    @property
    def matched(self) -> int:
        return self.cohort + sum(people for reason, people in self.excluded.items() if reason != NO_CONDITION)


def plan_campaign(
    db: Database,
    settings: Settings,
    practice_code: str,
    purpose: str,
    partner_code: str,
    criteria_name: str | None,
    actor: Actor,
    *,
    leave_out_invited: bool = False,
) -> Plan:
    """Freeze the cohort that meets the criteria (by default the purpose's own) and count it; nothing is sent.

    :param leave_out_invited: nobody whom `already_invited` counts is invited again.

    :raises Refused: unknown or unlinked organisations, unknown purpose or criteria, a role that may not plan;
        in live also criteria not signed by both sides, or English wording that nobody has approved.
    """
    with db.write() as session:
        what = find_purpose(purpose)
        practice = practice_by_code(session, practice_code)
        partner = partner_by_code(session, partner_code)
        actor = require(session, actor, PLAN, practice)
        criteria = _agreed_criteria(session, settings, practice, partner, criteria_name or what.criteria)
        wordings = load_wordings(session, settings)
        _require_english(session, settings, what)
        again = already_invited(what.name, utc_now())
        everybody = classify(criteria, practice.id or 0, london_today(), again, leave_out=leave_out_invited).subquery()
        counts = _count(session, everybody, (*REASONS, AGAIN) if leave_out_invited else REASONS)
        campaign = _store(session, what, criteria, practice, partner, counts, actor)
        _freeze_cohort(session, campaign, what, everybody, counts, wordings)
        plan = _describe(session, campaign, what, practice, partner, counts, wordings)
        subject = f"campaign:{campaign.id}"
        record(session, actor, "campaign-planned", subject, practice_id=practice.id, cohort=plan.cohort)
        return plan


def _agreed_criteria(session: Session, settings: Settings, practice: Practice, partner: Partner, name: str) -> Criteria:
    if held_link(session, partner.id, practice.id) is None:
        raise Refused(
            "partner-not-linked",
            f"{partner.name} does not work with {practice.code} yet. "
            f"Link them with: partners add {partner.code} --practice {practice.code}",
        )
    state = criteria_state(session, practice.id or 0, name)
    if settings.live and not state.agreed_with(partner.id or 0):
        raise _not_signed(state, practice, partner)
    return state.criteria


def _not_signed(state: CriteriaState, practice: Practice, partner: Partner) -> Refused:
    lead = [] if state.lead_signed else [f"a lead of {practice.code} (under Campaigns)"]
    theirs = [] if partner.id in state.partners_signed else [f"{partner.name} (under Referrals)"]
    return Refused(
        "criteria-not-signed",
        f"The criteria {state.criteria.name} need two signatures. Still to sign: {' and '.join(lead + theirs)}; "
        f"or by command: criteria sign {state.criteria.name} --practice {practice.code} --as EMAIL",
    )


def _require_english(session: Session, settings: Settings, purpose: Purpose) -> None:
    missing = missing_lifelines(session, settings, purpose.name)
    if missing:
        raise Refused(
            "not-approved",
            f"Nobody has approved the English of: {', '.join(missing)}. "
            "Approve it with: texts approve KEY --language en --as EMAIL",
        )


def _count(session: Session, everybody: Subquery, reasons: Sequence[str]) -> _Counts:
    groups = (everybody.c.reason, everybody.c.language, everybody.c.again)
    excluded, languages, invited = dict.fromkeys(reasons, 0), Counter[str | None](), 0
    for reason, language, again, people in session.execute(select(*groups, func.count()).group_by(*groups)):
        if reason is not None:
            excluded[reason] += people
            continue
        languages[language] += people
        invited += people if again else 0
    return _Counts(excluded, dict(languages), invited)


def _store(
    session: Session,
    purpose: Purpose,
    criteria: Criteria,
    practice: Practice,
    partner: Partner,
    counts: _Counts,
    actor: Actor,
) -> Campaign:
    campaign = Campaign(
        practice_id=practice.id or 0,
        partner_id=partner.id or 0,
        purpose=purpose.name,
        criteria=criteria.name,
        criteria_version=criteria.version,
        matched=counts.matched,
        created_by=actor.user_id,
        created_at=utc_now(),
    )
    session.add(campaign)
    session.flush()
    rows = [
        {"campaign_id": campaign.id, "reason": reason, "people": people} for reason, people in counts.excluded.items()
    ]
    session.execute(insert(CampaignExclusion), rows)
    return campaign


def _freeze_cohort(
    session: Session,
    campaign: Campaign,
    purpose: Purpose,
    everybody: Subquery,
    counts: _Counts,
    wordings: Wordings,
) -> None:
    own = {tag: wordings.language_for(purpose.invitation, tag) for tag in counts.languages if tag}
    written = case(own, value=everybody.c.language, else_=ENGLISH) if own else literal(ENGLISH)
    members = (
        select(literal(campaign.id), everybody.c.id, everybody.c.language, written)
        .where(everybody.c.reason.is_(None))
        .order_by(everybody.c.id)
    )
    columns = ["campaign_id", "patient_id", "recorded_language", "language"]
    session.execute(insert(CampaignMember).from_select(columns, members))


def _describe(
    session: Session,
    campaign: Campaign,
    purpose: Purpose,
    practice: Practice,
    partner: Partner,
    counts: _Counts,
    wordings: Wordings,
) -> Plan:
    values = {"practice": practice.name, "partner": partner.name}
    composed = {tag: wordings.compose(purpose.invitation, tag, values) for tag in counts.languages}
    own = sum(people for tag, people in counts.languages.items() if composed[tag].own)
    drafts = wordings.draft_languages(purpose.invitation, approvals_in_force(session))
    return Plan(
        campaign=campaign.id or 0,
        matched=counts.matched,
        cohort=counts.cohort,
        excluded=counts.excluded,
        by_language=dict(sorted((tag or UNKNOWN_LANGUAGE, people) for tag, people in counts.languages.items())),
        parts={tag or UNKNOWN_LANGUAGE: text.parts for tag, text in composed.items()},
        wording={"own": own, "english": counts.cohort - own},
        draft_languages=sorted({text.language for text in composed.values()} & set(drafts)),
        already_invited=counts.again,
    )
