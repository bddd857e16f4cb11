"""Publishing the page of a campaign, and taking it back. The lead decides both.

A page is a snapshot: it shows the numbers of the day on which it was published until it is published again, and then
new ones only if the two pages together give nothing away (`hiding`).
"""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.accounts.rights import declare_right, require
from bot.audit import Actor, record
from bot.campaigns.finding import locked_campaign
from bot.clock import utc_now
from bot.database import Database
from bot.partners.purposes import ToldBack, find_purpose
from bot.patients.person_codes import SIGNS
from bot.refusals import Refused
from bot.said_and_done.counting import count_people
from bot.said_and_done.hiding import Figures, figures_to_show
from bot.said_and_done.page_words import Content, changes_of, keys_of, load_page_wordings, missing_words
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.campaigns import Campaign
from bot.tables.organisations import Partner, Practice
from bot.tables.said_and_done import CampaignCount, CampaignPage
from bot.wording.asking import text_in_words, who_approves
from bot.wording.composing import ENGLISH

PUBLISH = declare_right("publish-campaign-pages", Role.LEAD)
_SIGNS_OF_A_CODE = 10
"""31 to the power of 10: nobody comes upon a page that is off by trying."""


@dataclass(frozen=True)
class Counted:
    """The numbers a page shows, or would show now, and when they were counted (UTC).

    `stay`: there is a newer count, and it may not be shown beside the earlier pages.
    """

    figures: Figures
    counted_at: datetime
    stay: bool = False


@dataclass(frozen=True)
class Published:
    """A page as it stands; `code` is null where there never was one, `counted` where it shows no numbers."""

    campaign: int
    published: bool
    code: str | None
    counted: Counted | None
    changed: Sequence[str] = ()


def publish_page(db: Database, settings: Settings, campaign_id: int, changed: Sequence[str], actor: Actor) -> Published:
    """Show everybody what came of a campaign, under an address that stays the same; publishing again counts anew.

    :param changed: keys of sentences on what changed, as `changes_of` has them.
    :raises Refused: `unknown-campaign`, `not-allowed`, `no-page`, `unknown-sentence`, `not-approved`.
    """
    with db.write() as session:
        campaign = locked_campaign(session, campaign_id)
        practice = session.get_one(Practice, campaign.practice_id)
        used = require(session, actor, PUBLISH, practice)
        told = told_back(campaign)
        chosen = choose_changes(told, changed)
        _refuse_without_english(session, settings, practice, keys_of(told, chosen))
        counted = count_to_show(session, campaign, told, utc_now())
        page = session.get(CampaignPage, campaign_id) or _new_page(session, campaign_id)
        page.count_id = _keep(session, campaign_id, counted)
        page.changed, page.published_at, page.published_by = list(chosen), utc_now(), used.user_id
        session.add(page)
        _record(session, used, "campaign-page-published", campaign, sentences=len(chosen), counted=not counted.stay)
        return Published(campaign_id, True, page.code, counted, chosen)


def take_back_page(db: Database, campaign_id: int, actor: Actor) -> Published:
    """Nobody sees the page any more; the address is kept for it. Off already, it stays so.

    :raises Refused: `unknown-campaign`, `not-allowed`.
    """
    with db.write() as session:
        campaign = locked_campaign(session, campaign_id)
        used = require(session, actor, PUBLISH, session.get_one(Practice, campaign.practice_id))
        page = session.get(CampaignPage, campaign_id)
        if page is not None and page.published_at is not None:
            page.published_at = None
            session.add(page)
            _record(session, used, "campaign-page-taken-back", campaign)
        return Published(campaign_id, False, page.code if page else None, None)


def told_back(campaign: Campaign) -> ToldBack:
    """What the page of a campaign may say. :raises Refused: `no-page`, nothing is laid down for its purpose."""
    purpose = find_purpose(campaign.purpose)
    if purpose.told_back is None:
        raise Refused("no-page", f"There are no words for a public page about “{purpose.title}”.")
    return purpose.told_back


def choose_changes(told: ToldBack, changed: Sequence[str]) -> tuple[str, ...]:
    """The chosen sentences on what changed, each once, in the order of the catalogue.

    :raises Refused: `unknown-sentence`.
    """
    known = changes_of(told)
    if unknown := [key for key in changed if key not in known]:
        message = f"{unknown[0]} is no sentence for this page. Choose from: {', '.join(known)}."
        raise Refused("unknown-sentence", message)
    return tuple(key for key in known if key in changed)


def _refuse_without_english(session: Session, settings: Settings, practice: Practice, keys: Sequence[str]) -> None:
    missing = missing_words(load_page_wordings(session, settings, keys), keys)[ENGLISH]
    if missing:
        named = ", ".join(text_in_words(key) for key in missing)
        readers = who_approves(session, settings, practice)
        message = f"The English of this page has to be approved first: {named}. {readers} can approve it."
        raise Refused("not-approved", message)


def count_to_show(session: Session, campaign: Campaign, told: ToldBack, now: datetime) -> Counted:
    """What the page of a campaign shows if it is published now (UTC)."""
    theirs = select(CampaignCount).where(CampaignCount.campaign_id == campaign.id)
    earlier = session.exec(theirs.order_by(col(CampaignCount.id))).all()
    shown = [Figures(**count.figures) for count in earlier]
    figures = figures_to_show(count_people(session, campaign, told), shown)
    return Counted(shown[-1], earlier[-1].counted_at, stay=True) if figures is None else Counted(figures, now)


def _keep(session: Session, campaign_id: int, counted: Counted) -> int:
    """The id of the count that is shown: the newest, unless there is a new one to show."""
    if counted.stay:
        theirs = select(CampaignCount.id).where(CampaignCount.campaign_id == campaign_id)
        return session.exec(theirs.order_by(col(CampaignCount.id).desc()).limit(1)).one() or 0
    count = CampaignCount(campaign_id=campaign_id, figures=asdict(counted.figures), counted_at=counted.counted_at)
    session.add(count)
    session.flush()
    return count.id or 0


def _new_page(session: Session, campaign_id: int) -> CampaignPage:
    while True:
        code = "".join(secrets.choice(SIGNS) for _ in range(_SIGNS_OF_A_CODE)).lower()
        if session.exec(select(CampaignPage.campaign_id).where(CampaignPage.code == code)).first() is None:
            return CampaignPage(campaign_id=campaign_id, code=code, count_id=0)


def _record(session: Session, actor: Actor, action: str, campaign: Campaign, **detail: Any) -> None:
    record(session, actor, action, f"campaign:{campaign.id}", practice_id=campaign.practice_id, **detail)


def published_page(session: Session, code: str) -> Content | None:
    """What everybody may read at an address; None where nothing is published, whether or not there ever was."""
    statement = (
        select(CampaignPage, CampaignCount, Campaign)
        .join(CampaignCount, col(CampaignCount.id) == col(CampaignPage.count_id))
        .join(Campaign, col(Campaign.id) == col(CampaignPage.campaign_id))
        .where(CampaignPage.code == code, col(CampaignPage.published_at).is_not(None))
    )
    found = session.exec(statement).first()
    if found is None:
        return None
    page, count, campaign = found
    counted = Counted(Figures(**count.figures), count.counted_at)
    return content_of(session, campaign, told_back(campaign), counted, page.changed)


def content_of(
    session: Session, campaign: Campaign, told: ToldBack, counted: Counted, changed: Sequence[str]
) -> Content:
    """What the page of a campaign says with these numbers and sentences."""
    practice = session.get_one(Practice, campaign.practice_id)
    partner = session.get(Partner, campaign.partner_id) if campaign.partner_id else None
    known = [key for key in changed if key in changes_of(told)]
    return Content(told, practice, partner, counted.figures, counted.counted_at, known)


def page_of(session: Session, campaign_id: int) -> CampaignPage | None:
    """The page of a campaign, on or off; None where it was never published."""
    return session.get(CampaignPage, campaign_id)
