"""Pages of a campaign for the practice: plan, preview, release, watch, hold, stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import floor
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from sqlalchemy import Row
from sqlmodel import Session, col, func, select
from werkzeug.wrappers import Response as AnyResponse

from bot.accounts.access import for_roles, own_account, own_actor, own_code, own_practice_id, own_roles
from bot.campaigns.batches import hold_campaign, release_batch, resume_campaign, stop_campaign
from bot.campaigns.capacity import all_places_in_words, places_of_each
from bot.campaigns.chart import SHARES, make_chart
from bot.campaigns.cohort import AGAIN
from bot.campaigns.exporting import COHORT_HEADING, PROGRESS_HEADING, cohort_rows, progress_rows
from bot.campaigns.going_out import opens, when_the_first_goes, why_closed, why_texts_wait
from bot.campaigns.groups import nothing_free_in_words
from bot.campaigns.inviting import invitation_of, partner_of
from bot.campaigns.left_out import OWN_WISH, TEXTED_SINCE, count_kept_back, to_reach_otherwise
from bot.campaigns.next_batch import NextBatch, next_batch
from bot.campaigns.plan_form import plan_form
from bot.campaigns.planning import plan_campaign
from bot.campaigns.previewing import language_name, preview_batch, preview_campaign, what_is_missing
from bot.campaigns.progress import (
    campaign_progress,
    campaigns_that_sent,
    referral_states,
    state_in_words,
    whole_progress,
)
from bot.campaigns.subject import STOPPED
from bot.campaigns.taking_back import batches_taken_back, batches_to_take_back, take_back_batch
from bot.capability import in_use
from bot.clock import utc_now
from bot.lists.listed import known_lists, name_of_list
from bot.partners.in_order import names_of_further, partners_in_order
from bot.partners.purposes import MOVED, Terms, find_purpose, purposes
from bot.partners.referring import STATE_WORDS
from bot.patients.criteria import Criteria, find_criteria, sign_criteria
from bot.patients.eligibility import IN_WORDS
from bot.tables.accounts import Role
from bot.tables.campaigns import Campaign, CampaignExclusion, CampaignLeftOut, CampaignState
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import Referral
from bot.tables.patients import Patient
from bot.texts.parts import PENCE_PER_PART
from bot.web import SUCCESS, as_csv, database, one_page, page_number, render, settings, when
from bot.wording.approvals import unapproved_english
from bot.wording.asking import text_in_words, who_approves
from bot.wording.rights import readers_needed

blueprint = Blueprint("campaigns", __name__)

PEOPLE_PER_PAGE = 50
_MOST_DIGITS = 12
CHANGES = {"hold": hold_campaign, "resume": resume_campaign, "stop": stop_campaign}
CHANGED = {
    "hold": "The campaign is on hold. Texts kept back: {0.held}.",
    "resume": "The campaign is running again. What was kept back goes out.",
    "stop": "The campaign is stopped. Texts that had not gone out and never will: {0.cancelled}.",
}
REASON_WORDS = {
    **IN_WORDS,
    AGAIN: "Invited for this in the last 6 months, or waiting in another campaign",
    TEXTED_SINCE: "Got a text that is not on record, after a backup was put back",
    STOPPED: "The campaign was stopped before their text went",
    "too-late": "Their text could not go in time",
    "wording-not-approved": "The wording was not approved any more",
}
LIMIT_WORDS = {
    "batch-size": "100 is the most in one batch",
    "places": "more could bring the partner more people than it has places for",
    "slots": "more could bring more people than times are free for",
    "cohort": "these are all who are left to invite",
}


@blueprint.get("/campaigns")
@for_roles(Role.PRACTICE, Role.LEAD)
def list_page() -> Response:
    """All campaigns of the practice, and the form to plan one."""
    with database().read() as session:
        practice_id = own_practice_id()
        campaigns = session.exec(
            select(Campaign, Partner)
            .outerjoin(Partner, col(Partner.id) == col(Campaign.partner_id))
            .where(Campaign.practice_id == practice_id)
            .order_by(col(Campaign.id).desc())
        ).all()
        sent = campaigns_that_sent(session, [campaign.id or 0 for campaign, _ in campaigns])
        rows = [
            (
                campaign,
                partner,
                whole_progress(session, campaign.id or 0),
                state_in_words(campaign, campaign.id in sent),
            )
            for campaign, partner in campaigns
        ]
        further = names_of_further(session, [campaign.id or 0 for campaign, _ in campaigns])
        form = plan_form(session, practice_id)
        lists = known_lists(session, practice_id)
        unapproved = _unapproved(session)
        readers = _readers(session)
    return render(
        "campaigns/list.html",
        rows=rows,
        further=further,
        form=form,
        purpose_titles=_titles(),
        lists=lists,
        chosen=_list_asked_for(request.args.get("list", "")),
        lead=_lead(),
        unapproved=unapproved,
        readers=readers,
        named=text_in_words,
    )


@blueprint.post("/campaigns")
@for_roles(Role.PRACTICE, Role.LEAD)
def plan() -> AnyResponse:
    """Plan a campaign."""
    form = request.form
    first, *others = [code for code in form.getlist("partner") if code] or [""]
    planned = plan_campaign(
        database(),
        settings(),
        own_code(),
        form.get("purpose", ""),
        first,
        None,
        own_actor(),
        others=others,
        terms=Terms(form.get("clinic") or None, form.get("event") or None, "neutral" in form),
        leave_out_invited="leave_out_invited" in form,
        states_care="states_care" in form,
        list_id=_list_asked_for(form.get("list", "")),
    )
    again = f" {planned.already_invited} of them were invited for this before." if planned.already_invited else ""
    flash(f"Planned: {planned.cohort} people will be invited.{again} Nothing has been sent.", SUCCESS)
    return redirect(url_for("campaigns.campaign_page", campaign_id=planned.campaign), 303)


def _list_asked_for(word: str) -> int | None:
    """The list whose people are meant; None for everybody at the practice. What is no number is no list."""
    if not word:
        return None
    return int(word) if word.isascii() and word.isdecimal() and len(word) <= _MOST_DIGITS else 0


@blueprint.post("/campaigns/criteria/<name>/sign")
@for_roles(Role.LEAD)
def sign(name: str) -> AnyResponse:
    """Sign the criteria as the clinician who leads."""
    sign_criteria(database(), own_code(), name, own_account(), own_code())
    flash("You have signed the criteria.", SUCCESS)
    return redirect(url_for("campaigns.list_page"), 303)


@blueprint.get("/campaigns/<int:campaign_id>")
@for_roles(Role.PRACTICE, Role.LEAD)
def campaign_page(campaign_id: int) -> Response:
    """One campaign, live."""
    with database().read() as session:
        return render("campaigns/campaign.html", **_live(session, _own(session, campaign_id)))


@blueprint.get("/campaigns/<int:campaign_id>/progress")
@for_roles(Role.PRACTICE, Role.LEAD)
def progress_fragment(campaign_id: int) -> Response:
    """The part of the page that moves, for its script."""
    with database().read() as session:
        return render("campaigns/_progress.html", **_live(session, _own(session, campaign_id)))


@blueprint.get("/campaigns/<int:campaign_id>/preview")
@for_roles(Role.PRACTICE, Role.LEAD)
def preview_page(campaign_id: int) -> Response:
    """The text in each language, with parts and cost."""
    with database().read() as session:
        campaign = _own(session, campaign_id)
        preview = preview_campaign(session, settings(), campaign)
        missing = what_is_missing(session, campaign)
        invitation = invitation_of(session, campaign).text_key
        readers = _readers(session)
    return render(
        "campaigns/preview.html",
        campaign=campaign,
        preview=preview,
        missing=missing,
        pence=PENCE_PER_PART,
        title=_title(campaign),
        invitation=invitation,
        readers=readers,
        readers_needed=readers_needed,
        lead=_lead(),
    )


def _unapproved(session: Session) -> list[str]:
    """The texts of all purposes whose English nobody has approved; none in demo, which may send drafts."""
    keys = {key for purpose in purposes().values() for key in purpose.texts.keys}
    return unapproved_english(session, settings(), keys)


def _readers(session: Session) -> str:
    """Who may approve the wordings of this practice, by name."""
    return who_approves(session, settings(), session.get_one(Practice, own_practice_id()))


@blueprint.get("/campaigns/<int:campaign_id>/cohort")
@for_roles(Role.PRACTICE, Role.LEAD)
def cohort_page(campaign_id: int) -> Response:
    """Who is left out and why: in numbers, and by name whom the practice may reach in another way."""
    number = page_number()
    with database().read() as session:
        campaign = _own(session, campaign_id)
        criteria = find_criteria(campaign.criteria)
        unmatched, reasons = _left_out_of_plan(session, campaign)
        whole = whole_progress(session, campaign_id)
        since = _kept_back(session, campaign)
        of_list = name_of_list(session, campaign.list_id) if campaign.list_id else None
        offset = (number - 1) * PEOPLE_PER_PAGE
        people = session.execute(to_reach_otherwise(campaign).offset(offset).limit(PEOPLE_PER_PAGE + 1)).all()
    words = reason_words(criteria)
    return render(
        "campaigns/cohort.html",
        campaign=campaign,
        criteria=criteria,
        of_list=of_list,
        whole=whole,
        unmatched=unmatched,
        reasons=reasons,
        since=since,
        page=one_page([_in_sight(row, words) for row in people], number, PEOPLE_PER_PAGE),
        title=_title(campaign),
    )


@blueprint.get("/campaigns/<int:campaign_id>.csv")
@for_roles(Role.PRACTICE, Role.LEAD)
def campaign_csv(campaign_id: int) -> Response:
    """How the campaign stands by batch, language and reason, as a spreadsheet."""
    with database().read() as session:
        campaign = _own(session, campaign_id)
        reasons, since = _left_out_of_plan(session, campaign)[1], _kept_back(session, campaign)
        rows = list(progress_rows(session, campaign_id, reasons, since))
    return as_csv(f"campaign-{campaign_id}.csv", PROGRESS_HEADING, rows)


@blueprint.get("/campaigns/<int:campaign_id>/cohort.csv")
@for_roles(Role.PRACTICE, Role.LEAD)
def cohort_csv(campaign_id: int) -> Response:
    """Everybody in the cohort and how far each has come, as a spreadsheet."""
    with database().read() as session:
        _own(session, campaign_id)
        return as_csv(f"campaign-{campaign_id}-cohort.csv", COHORT_HEADING, cohort_rows(session, campaign_id))


@blueprint.get("/campaigns/<int:campaign_id>/left-out.csv")
@for_roles(Role.PRACTICE, Role.LEAD)
def left_out_csv(campaign_id: int) -> Response:
    """Whom the practice may reach in another way, as a spreadsheet."""
    with database().read() as session:
        campaign = _own(session, campaign_id)
        words = reason_words(find_criteria(campaign.criteria))
        people = [_in_sight(row, words) for row in session.execute(to_reach_otherwise(campaign))]
    header = ("NHS Number", "Name", "Date of Birth", "Phone", "Language", "Why not texted", "Note")
    rows = ((p.nhs_number, p.name, p.born.isoformat(), p.phone, p.language, p.why, p.note) for p in people)
    return as_csv(f"campaign-{campaign_id}-not-reached.csv", header, rows)


def _left_out_of_plan(session: Session, campaign: Campaign) -> tuple[int, list[tuple[str, int]]]:
    """How many people do not meet the criteria, and why others were left out of the plan, in words."""
    exclusions = session.exec(select(CampaignExclusion).where(CampaignExclusion.campaign_id == campaign.id)).all()
    counted = {exclusion.reason: exclusion.people for exclusion in exclusions}
    criteria = find_criteria(campaign.criteria)
    words = reason_words(criteria)
    unmatched = sum(counted.get(reason, 0) for reason in criteria.unmatched)
    return unmatched, [(words[reason], counted[reason]) for reason in _shown(criteria) if reason in counted]


def _shown(criteria: Criteria) -> list[str]:
    """The reasons of who meets the criteria, in the order in which they are asked."""
    return [reason for reason in (*criteria.reasons, AGAIN) if reason not in criteria.unmatched]


def reason_words(criteria: Criteria) -> dict[str, str]:
    """Every reason of these criteria in words."""
    return {**criteria.words, **REASON_WORDS}


def _kept_back(session: Session, campaign: Campaign) -> list[tuple[str, int]]:
    """People not texted since the plan: why, in words, and how many."""
    words = reason_words(find_criteria(campaign.criteria))
    return [
        (words.get(reason, reason), people) for reason, people in count_kept_back(session, campaign.id or 0).items()
    ]


@dataclass(frozen=True)
class LeftOutPerson:
    """A person a campaign does not text, as the practice sees them."""

    nhs_number: str
    name: str
    born: date
    phone: str
    language: str
    why: str
    note: str


def _in_sight(row: Row[Patient, CampaignLeftOut], words: Mapping[str, str]) -> LeftOutPerson:
    patient, kept = row
    return LeftOutPerson(
        nhs_number=patient.nhs_number,
        name=f"{patient.given_name} {patient.surname}".strip(),
        born=patient.born,
        phone=patient.phone or "",
        language=language_name(patient.language),
        why=words.get(kept.reason, kept.reason),
        note="Asked not to be texted" if kept.reason in OWN_WISH else "",
    )


@blueprint.post("/campaigns/<int:campaign_id>/approve")
@for_roles(Role.LEAD)
def approve(campaign_id: int) -> AnyResponse:
    """Release the batch that the lead was shown."""
    with database().read() as session:
        hours = find_purpose(_own(session, campaign_id).purpose).hours
    shown = request.form.get("batch", type=int)
    release = release_batch(database(), settings(), campaign_id, own_actor(), expected_batch=shown)
    texts = "text" if release.size == 1 else "texts"
    flash(f"Batch {release.batch} is on its way: {release.size} {texts}.{_if_they_wait(hours)}", SUCCESS)
    return redirect(url_for("campaigns.campaign_page", campaign_id=campaign_id), 303)


@blueprint.post("/campaigns/<int:campaign_id>/take-back")
@for_roles(Role.LEAD)
def take_back(campaign_id: int) -> AnyResponse:
    """Take back a batch that was just released."""
    with database().read() as session:
        _own(session, campaign_id)
    taken = take_back_batch(database(), campaign_id, own_actor(), request.form.get("batch", type=int))
    flash(f"Batch {taken.batch}: {taken.words}", SUCCESS)
    return redirect(url_for("campaigns.campaign_page", campaign_id=campaign_id), 303)


def _if_they_wait(hours: str | None) -> str:
    """When texts released now go out, if that is not at once."""
    now = utc_now()
    opening = opens(now, settings(), hours)
    return f" They go out from {when(opening)} on: {why_closed(now, settings(), hours)}." if opening > now else ""


@blueprint.get("/campaigns/<int:campaign_id>/<any(hold, resume, stop):change>")
@for_roles(Role.LEAD)
def confirm_page(campaign_id: int, change: str) -> Response:
    """Ask before a campaign is held, resumed or stopped."""
    with database().read() as session:
        campaign = _own(session, campaign_id)
        whole = whole_progress(session, campaign_id)
    return render("campaigns/confirm.html", campaign=campaign, change=change, whole=whole, title=_title(campaign))


@blueprint.post("/campaigns/<int:campaign_id>/<any(hold, resume, stop):change>")
@for_roles(Role.LEAD)
def change(campaign_id: int, change: str) -> AnyResponse:
    """Hold, resume or stop."""
    with database().read() as session:
        _own(session, campaign_id)
    changed = CHANGES[change](database(), campaign_id, own_actor())
    flash(CHANGED[change].format(changed), SUCCESS)
    return redirect(url_for("campaigns.campaign_page", campaign_id=campaign_id), 303)


def _own(session: Session, campaign_id: int) -> Campaign:
    """The practice's own campaign; another's does not exist for it."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or campaign.practice_id != own_practice_id():
        abort(404)
    return campaign


def _live(session: Session, campaign: Campaign) -> dict[str, Any]:
    campaign_id, now = campaign.id or 0, utc_now()
    partner, purpose = partner_of(session, campaign), find_purpose(campaign.purpose)
    progress = campaign_progress(session, campaign_id)
    offer = next_batch(session, campaign, now, waiting=progress.whole.waiting)
    running = campaign.state == CampaignState.RUNNING
    offered = running and _lead() and offer.size > 0
    by_batch = [(f"Batch {group.key}", group.progress) for group in progress.by_batch]
    by_language = [(language_name(group.key), group.progress) for group in progress.by_language]
    return {
        "campaign": campaign,
        "title": _title(campaign),
        "partner": partner,
        "of_list": name_of_list(session, campaign.list_id) if campaign.list_id else None,
        "state": state_in_words(campaign, campaign_id in campaigns_that_sent(session, [campaign_id])),
        "running": running,
        "stopped": campaign.state == CampaignState.STOPPED,
        "offer": offer,
        "offered": offered,
        "places": _places(session, campaign, offer, now),
        "partners": partners_in_order(session, campaign),
        "times": sum(max(0, floor(share.group.free)) for share in offer.shares),
        "nothing_free": nothing_free_in_words(offer.shares),
        "panel": purpose.panel(session, campaign, now) if purpose.panel else None,
        "upcoming": preview_batch(session, settings(), campaign, offer.size, offer.shares) if offered else None,
        "missing": what_is_missing(session, campaign) if offered else None,
        "invitation": invitation_of(session, campaign).text_key,
        "readers": _readers(session) if offered else "",
        "readers_needed": readers_needed,
        "first_goes": when_the_first_goes(session, settings(), campaign, now) if offered else [],
        "waits": why_texts_wait(session, settings(), campaign, now),
        "limit_words": LIMIT_WORDS,
        "whole": progress.whole,
        "since": _kept_back(session, campaign),
        "referrals": _in_words(referral_states(session, campaign_id), STATE_WORDS),
        "outcomes": _in_words(_outcomes(session, campaign_id), {**purpose.outcomes, MOVED: "Moved to another partner"}),
        "charts": [
            make_chart("batch", "By batch", "Batch", by_batch),
            make_chart("language", "By language", "Language", by_language, fold_few=True),
        ],
        "shares": SHARES,
        "lead": _lead(),
        "as_of": now,
        "beside": [(link.words, link.path_of(campaign_id)) for link in in_use().bring("beside_campaign")],
        "to_take_back": batches_to_take_back(session, campaign, now),
        "taken_back": batches_taken_back(session, campaign_id),
    }


def _places(session: Session, campaign: Campaign, offer: NextBatch, now: datetime) -> str:
    of_each = places_of_each(session, campaign, now, whole=offer.capacity) if offer.capacity else []
    return all_places_in_words(of_each) if of_each else ""


def _outcomes(session: Session, campaign_id: int) -> dict[str, int]:
    statement = (
        select(Referral.outcome, func.count())
        .where(Referral.campaign_id == campaign_id, col(Referral.outcome).is_not(None))
        .group_by(col(Referral.outcome))
    )
    return {outcome or "": people for outcome, people in session.exec(statement)}


def _in_words(counted: dict[str, int], words: Mapping[str, str]) -> list[tuple[int, str]]:
    """What was counted, without the zeros, in the order of the words."""
    return [(counted[name], phrase) for name, phrase in words.items() if counted.get(name)]


def _lead() -> bool:
    return Role.LEAD in own_roles()


def _title(campaign: Campaign) -> str:
    return find_purpose(campaign.purpose).title


def _titles() -> dict[str, str]:
    return {name: purpose.title for name, purpose in purposes().items()}
