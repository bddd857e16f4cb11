"""Planning a campaign: the cohort is frozen and counted; nothing is sent."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Column, Integer, MetaData, Table, Text, case, func, insert, literal, select
from sqlmodel import Session, col

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.campaigns.cohort import AGAIN, already_invited, classify, people_of
from bot.campaigns.inviting import all_values, invitation_of
from bot.campaigns.left_out import keep_left_out
from bot.campaigns.rights import PLAN, RELEASE
from bot.clock import london_today, utc_now
from bot.database import Database
from bot.lists.listed import require_known_list
from bot.messaging.from_practice import practice_values
from bot.organisations.finding import held_link, partner_by_code, practice_by_code
from bot.partners.proposing import SECOND_OFFER
from bot.partners.purposes import Invitation, Purpose, Terms, find_purpose
from bot.patients.criteria import Criteria, CriteriaState, criteria_state, find_criteria
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import UserAccount
from bot.tables.campaigns import (
    Campaign,
    CampaignExclusion,
    CampaignMember,
    CampaignPartner,
    CareStatement,
    LeftOutStage,
)
from bot.tables.organisations import Partner, Practice
from bot.tables.patients import Patient
from bot.wording.approvals import unapproved_english
from bot.wording.asking import who_approves
from bot.wording.composing import ENGLISH, Wordings, load_wordings

NO_TERMS = Terms()
UNKNOWN_LANGUAGE = "unknown"
"""How a person without a recorded language is counted."""


@dataclass(frozen=True)
class Plan:
    """A frozen cohort in numbers. `parts` are those of one invitation in each language of the cohort.

    `already_invited` are those of the cohort who were invited for this purpose lately, or wait in another campaign.
    `who_match` says in words whom the criteria find.
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
    who_match: str

    def as_json(self) -> dict[str, Any]:
        """What `campaign plan` answers."""
        return {name: value for name, value in vars(self).items() if name != "who_match"}


@dataclass(frozen=True)
class _Counts:
    excluded: dict[str, int]
    languages: dict[str | None, int]
    again: int
    matched: int

    @property
    def cohort(self) -> int:
        return sum(self.languages.values())


def plan_campaign(
    db: Database,
    settings: Settings,
    practice_code: str,
    purpose: str,
    partner_code: str | None,
    criteria_name: str | None,
    actor: Actor,
    *,
    others: Sequence[str] = (),
    terms: Terms = NO_TERMS,
    leave_out_invited: bool = False,
    states_care: bool = False,
    list_id: int | None = None,
) -> Plan:
    """Freeze the cohort that meets the criteria (by default the purpose's own) and count it; nothing is sent.

    :param partner_code: None or empty for a purpose that needs no partner.
    :param others: codes of further partners, in the order in which they are offered when those before them are full.
    :param terms: what the purpose alone understands, such as the clinic.
    :param leave_out_invited: nobody whom `already_invited` counts is invited again.
    :param states_care: the lead who plans states that texts for this purpose are care and no marketing.
    :param list_id: only people who were on that list are looked at, by default everybody at the practice.

    :raises Refused: unknown or unlinked organisations, a partner or terms that the purpose needs (`needs-partner`) or
        has no use for (`not-for-this`), one named twice (`partner-twice`), unknown purpose or criteria, a role
        that may not plan, a list that is not the practice's, was not stored, or of which it is not known any more
        who was on it; a practice without a phone number for people to ring;
        in live also criteria not signed by both sides, or English wording that nobody has approved.
    """
    with db.write() as session:
        chosen, practice = find_purpose(purpose), practice_by_code(session, practice_code)
        _require_use(chosen, partner_code, others, terms)
        plan = _Planning(
            purpose=chosen,
            practice=practice,
            partners=[partner_by_code(session, code) for code in (partner_code, *others) if code],
            wordings=load_wordings(session, settings),
            list_id=list_id,
        )
        actor = require(session, actor, PLAN, plan.practice)
        if list_id is not None:
            require_known_list(session, plan.practice, list_id)
        criteria = _agreed_criteria(session, settings, plan, criteria_name or plan.purpose.criteria)
        _require_statement(session, settings, plan, actor, states_care)
        practice_values(plan.practice, plan.purpose.texts.invitation)
        _require_english(session, settings, plan)
        everybody = _classify(session, criteria, plan, leave_out_invited)
        counts = _count(session, everybody, criteria, plan, leave_out_invited)
        campaign = _store(session, plan, criteria, counts, actor)
        if plan.purpose.settle is not None:
            plan.purpose.settle(session, plan.practice, campaign, terms)
        invitation = invitation_of(session, campaign)
        _freeze_cohort(session, campaign, plan, everybody, counts, invitation)
        everybody.drop(session.connection())
        described = _describe(campaign, plan, counts, invitation)
        subject = f"campaign:{campaign.id}"
        record(session, actor, "campaign-planned", subject, practice_id=plan.practice.id, cohort=described.cohort)
        return described


@dataclass(frozen=True)
class _Planning:
    """Who plans what with whom, in which wording, and for which list if not for everybody."""

    purpose: Purpose
    practice: Practice
    partners: Sequence[Partner]
    wordings: Wordings
    list_id: int | None


def _require_use(purpose: Purpose, partner_code: str | None, others: Sequence[str], terms: Terms) -> None:
    """A partner where one is needed, each named once, and nothing that the purpose has no use for."""
    if not partner_code and purpose.has_partner:
        raise Refused(
            "needs-partner", f"{purpose.title} needs a partner. Choose who helps.", by_command="--partner CODE"
        )
    no_use = {
        "a partner": partner_code and not (purpose.has_partner or purpose.may_name_partner),
        "several partners": others and not purpose.has_partner,
        "a clinic": terms.clinic and not purpose.has_clinic,
        "an event": terms.event and not purpose.has_event,
        "a neutral wording": terms.neutral and not purpose.has_clinic,
    }
    if found := [thing for thing, said in no_use.items() if said]:
        raise Refused("not-for-this", f"{purpose.title} has no use for {' and '.join(found)}. Leave that out.")
    named = [partner_code, *others]
    if len(set(named)) < len(named):
        raise Refused("partner-twice", "Choose each partner once: the second is asked when the first is full.")


def _agreed_criteria(session: Session, settings: Settings, plan: _Planning, name: str) -> Criteria:
    practice = plan.practice
    for partner in plan.partners:
        _require_link(session, practice, partner)
    state = criteria_state(session, practice.id or 0, name)
    sign: Sequence[Partner | None] = plan.partners if plan.purpose.has_partner else [None]
    for signs in sign:
        if settings.live and not state.agreed_with(signs.id if signs else None):
            raise _not_signed(state, practice, signs)
    return state.criteria


def _require_link(session: Session, practice: Practice, partner: Partner) -> None:
    if held_link(session, partner.id, practice.id) is None:
        raise Refused(
            "partner-not-linked",
            f"{partner.name} does not work with {practice.code} yet. Ask an administrator to link the two.",
            by_command=f"partners add {partner.code} --practice {practice.code}",
        )


def _not_signed(state: CriteriaState, practice: Practice, partner: Partner | None) -> Refused:
    need = "need two signatures" if partner else "need a signature"
    lead = [] if state.lead_signed else [f"a lead of {practice.code} (under Campaigns)"]
    signed = partner is None or partner.id in state.partners_signed
    theirs = [] if partner is None or signed else [f"{partner.name} (under Referrals)"]
    return Refused(
        "criteria-not-signed",
        f"The criteria {state.criteria.name} {need}. Still to sign: {' and '.join(lead + theirs)}.",
        by_command=f"criteria sign {state.criteria.name} --practice {practice.code} --as EMAIL",
    )


def _require_statement(session: Session, settings: Settings, plan: _Planning, actor: Actor, states_care: bool) -> None:
    """A purpose that may look like marketing needs a lead to say that it is care, once a practice."""
    if not plan.purpose.states_care or _is_care_stated(session, settings, plan):
        return
    if states_care and actor.user_id is not None:
        require(session, actor, RELEASE, plan.practice)
        practice_id, purpose = plan.practice.id or 0, plan.purpose.name
        now = utc_now()
        session.merge(CareStatement(practice_id=practice_id, purpose=purpose, user_id=actor.user_id, stated_at=now))
        record(session, actor, "care-stated", f"purpose:{purpose}", practice_id=practice_id)
    elif settings.live:
        raise Refused(
            "needs-statement",
            f"{plan.purpose.title}: a lead of {plan.practice.code} first has to state that these texts are care and "
            "no marketing. They do so when they plan it themselves.",
        )


def _is_care_stated(session: Session, settings: Settings, plan: _Planning) -> bool:
    """Whether a lead stated it; what was said in the demo's play does not count in live."""
    by_demo = session.execute(
        select(col(UserAccount.demo))
        .join(CareStatement, col(CareStatement.user_id) == col(UserAccount.id))
        .where(col(CareStatement.practice_id) == plan.practice.id, col(CareStatement.purpose) == plan.purpose.name)
    ).scalar_one_or_none()
    return by_demo is False or (by_demo is True and not settings.live)


def _require_english(session: Session, settings: Settings, plan: _Planning) -> None:
    second = (SECOND_OFFER,) if len(plan.partners) > 1 else ()
    missing = unapproved_english(session, settings, (*plan.purpose.texts.keys, *second))
    if missing:
        texts = f"{len(missing)} texts" if len(missing) > 1 else "a text"
        raise Refused(
            "not-approved",
            f"The English of {texts} that this campaign sends is not approved. "
            f"Ask {who_approves(session, settings, plan.practice)} to read and approve it under Texts.",
            by_command=f"texts approve KEY --language en --as EMAIL, for {', '.join(missing)}",
        )


def _classify(session: Session, criteria: Criteria, plan: _Planning, leave_out_invited: bool) -> Table:
    """Everybody but those left out for the first reason, each looked at once: a table of this transaction."""
    again = already_invited(plan.purpose.name, utc_now())
    practice_id, today = plan.practice.id or 0, london_today()
    each = classify(criteria, practice_id, today, again, leave_out=leave_out_invited, list_id=plan.list_id).subquery()
    columns = (Column("id", Integer), Column("language", Text), Column("reason", Text), Column("again", Boolean))
    everybody = Table("cohort_being_planned", MetaData(), *columns, prefixes=["TEMPORARY"])
    everybody.create(session.connection())
    those = select(each).where(each.c.reason.is_distinct_from(criteria.first))
    session.execute(insert(everybody).from_select([column.name for column in columns], those))
    return everybody


def _count(session: Session, everybody: Table, criteria: Criteria, plan: _Planning, leave_out_invited: bool) -> _Counts:
    reasons = (*criteria.reasons, AGAIN) if leave_out_invited else criteria.reasons
    excluded, languages, invited = dict.fromkeys(reasons, 0), Counter[str | None](), 0
    groups = (everybody.c.reason, everybody.c.language, everybody.c.again)
    for reason, language, again, people in session.execute(select(*groups, func.count()).group_by(*groups)):
        if reason is not None:
            excluded[reason] += people
            continue
        languages[language] += people
        invited += people if again else 0
    whole = select(func.count()).select_from(Patient).where(*people_of(plan.practice.id or 0, plan.list_id))
    counted = sum(excluded.values()) + sum(languages.values())
    excluded[criteria.first] = session.execute(whole).scalar_one() - counted
    if criteria.matches is not None:
        matched: int = session.execute(whole.where(criteria.matches(london_today()))).scalar_one()
    else:
        others = sum(people for reason, people in excluded.items() if reason not in criteria.unmatched)
        matched = sum(languages.values()) + others
    return _Counts(excluded, dict(languages), invited, matched)


def _store(session: Session, plan: _Planning, criteria: Criteria, counts: _Counts, actor: Actor) -> Campaign:
    campaign = Campaign(
        practice_id=plan.practice.id or 0,
        partner_id=plan.partners[0].id if plan.partners else None,
        purpose=plan.purpose.name,
        criteria=criteria.name,
        criteria_version=criteria.version,
        matched=counts.matched,
        list_id=plan.list_id,
        created_by=actor.user_id,
        created_at=utc_now(),
    )
    session.add(campaign)
    session.flush()
    for place, partner in enumerate(plan.partners[1:], 2):
        session.add(CampaignPartner(campaign_id=campaign.id or 0, partner_id=partner.id or 0, place=place))
    rows = [
        {"campaign_id": campaign.id, "reason": reason, "people": people} for reason, people in counts.excluded.items()
    ]
    session.execute(insert(CampaignExclusion), rows)
    return campaign


def _freeze_cohort(
    session: Session, campaign: Campaign, plan: _Planning, everybody: Table, counts: _Counts, invitation: Invitation
) -> None:
    own = {tag: plan.wordings.language_for(invitation.text_key, tag) for tag in counts.languages if tag}
    written = case(own, value=everybody.c.language, else_=ENGLISH) if own else literal(ENGLISH)
    members = (
        select(literal(campaign.id), everybody.c.id, everybody.c.language, written)
        .where(everybody.c.reason.is_(None))
        .order_by(everybody.c.id)
    )
    columns = ["campaign_id", "patient_id", "recorded_language", "language"]
    session.execute(insert(CampaignMember).from_select(columns, members, include_defaults=False))
    keep_left_out(session, campaign.id or 0, LeftOutStage.PLAN, select(everybody.c.id, everybody.c.reason))


def _describe(campaign: Campaign, plan: _Planning, counts: _Counts, invitation: Invitation) -> Plan:
    values = all_values(plan.practice, invitation)
    composed = {tag: plan.wordings.compose(invitation.text_key, tag, values) for tag in counts.languages}
    own = sum(people for tag, people in counts.languages.items() if composed[tag].own)
    return Plan(
        campaign=campaign.id or 0,
        matched=counts.matched,
        cohort=counts.cohort,
        excluded=counts.excluded,
        by_language=dict(sorted((tag or UNKNOWN_LANGUAGE, people) for tag, people in counts.languages.items())),
        parts={tag or UNKNOWN_LANGUAGE: text.parts for tag, text in composed.items()},
        wording={"own": own, "english": counts.cohort - own},
        draft_languages=sorted({text.language for text in composed.values() if not text.approved}),
        already_invited=counts.again,
        who_match=find_criteria(campaign.criteria).who_match,
    )
