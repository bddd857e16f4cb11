"""The page of a campaign as its practice sees it: choose what changed, look, publish, take back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_practice_id, own_roles
from bot.clock import utc_now
from bot.partners.purposes import find_purpose
from bot.refusals import Refused
from bot.said_and_done.campaign_languages import PageLanguage, page_languages
from bot.said_and_done.page_words import changes_of, keys_of, load_page_wordings, say_page
from bot.said_and_done.publishing import (
    Counted,
    choose_changes,
    content_of,
    count_to_show,
    page_of,
    publish_page,
    take_back_page,
    told_back,
)
from bot.tables.accounts import Role
from bot.tables.campaigns import Campaign
from bot.tables.organisations import Practice
from bot.tables.said_and_done import CampaignPage
from bot.texts.catalogue import catalogue
from bot.web import SUCCESS, database, render, settings
from bot.wording.asking import who_approves
from bot.wording.composing import ENGLISH

blueprint = Blueprint("said_and_done", __name__, url_prefix="/campaigns/<int:campaign_id>/page")


@dataclass(frozen=True)
class _View:
    """A campaign, its page if it has one, and what it would show with the sentences that were chosen."""

    campaign: Campaign
    page: CampaignPage | None
    counted: Counted
    chosen: tuple[str, ...]
    languages: Sequence[PageLanguage]


@blueprint.get("")
@for_roles(Role.PRACTICE, Role.LEAD)
def page(campaign_id: int) -> Response:
    """Whether the page is on, what it would say, and in which languages."""
    return _lead_page(campaign_id, request.args)


@blueprint.post("")
@for_roles(Role.LEAD)
def publish(campaign_id: int) -> Response:
    """Show it to everybody, counted anew."""
    with database().read() as session:
        _own(session, campaign_id)
    try:
        publish_page(database(), settings(), campaign_id, request.form.getlist("changed"), own_actor())
    except Refused as refused:
        return _lead_page(campaign_id, request.form, refused)
    flash("The page is published. Everybody who has its address can read it.", SUCCESS)
    return redirect(url_for("said_and_done.page", campaign_id=campaign_id), 303)


@blueprint.post("/take-back")
@for_roles(Role.LEAD)
def take_back(campaign_id: int) -> Response:
    """Nobody sees it any more."""
    with database().read() as session:
        _own(session, campaign_id)
    take_back_page(database(), campaign_id, own_actor())
    flash("The page is off. Its address shows nothing; copies may be read for five more minutes.", SUCCESS)
    return redirect(url_for("said_and_done.page", campaign_id=campaign_id), 303)


@blueprint.get("/<tag>")
@for_roles(Role.PRACTICE, Role.LEAD)
def preview(campaign_id: int, tag: str) -> Response:
    """The page as everybody would see it in a language, if it were published now."""
    with database().read() as session:
        view = _view(session, _own(session, campaign_id), request.args)
        told = told_back(view.campaign)
        content = content_of(session, view.campaign, told, view.counted, view.chosen)
        wordings = load_page_wordings(session, settings(), keys_of(told, view.chosen))
    said = say_page(content, wordings, tag)
    if said is None:
        abort(404)
    back = url_for("said_and_done.page", campaign_id=campaign_id, changed=view.chosen, chosen="")
    return render("said_and_done/page.html", content=content, said=said, others=[], address="", preview=back)


def _lead_page(campaign_id: int, given: "MultiDict[str, str]", refused: Refused | None = None) -> Response:
    with database().read() as session:
        campaign = _own(session, campaign_id)
        view = _view(session, campaign, given)
        told = told_back(campaign)
        readers = who_approves(session, settings(), session.get_one(Practice, own_practice_id()))
    return render(
        "said_and_done/lead.html",
        409 if refused else 200,
        view=view,
        campaign=campaign,
        title=find_purpose(campaign.purpose).title,
        told=told,
        sentences={key: catalogue()[key].source for key in changes_of(told)},
        kinds={outcome: catalogue()[key].source for outcome, key in told.kinds.items()},
        address=_address(view.page),
        english=next(one for one in view.languages if one.tag == ENGLISH),
        readers=readers,
        refused=refused,
        lead=Role.LEAD in own_roles(),
    )


def _view(session: Session, campaign: Campaign, given: Mapping[str, Any]) -> _View:
    """What is chosen is in the address once somebody has chosen; before, it is what the page says."""
    told = told_back(campaign)
    known = page_of(session, campaign.id or 0)
    wanted = request.values.getlist("changed") if "chosen" in given else (known.changed if known else [])
    chosen = choose_changes(told, [key for key in wanted if key in changes_of(told)])
    languages = page_languages(session, settings(), campaign, keys_of(told, chosen))
    return _View(campaign, known, count_to_show(session, campaign, told, utc_now()), chosen, languages)


def _address(page: CampaignPage | None) -> str | None:
    return f"{settings().base_url}/done/{page.code}" if page and page.published_at else None


def _own(session: Session, campaign_id: int) -> Campaign:
    """The practice's own campaign, for which there can be a page; another's does not exist for it."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or campaign.practice_id != own_practice_id() or not find_purpose(campaign.purpose).told_back:
        abort(404)
    return campaign
