"""Publishing a page, publishing it again, and taking it back."""

import pytest
from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.audit import CONSOLE, AuditEntry
from bot.capability import in_use
from bot.database import Database
from bot.operations.deeds import deed_in_words
from bot.refusals import Refused
from bot.said_and_done.publishing import PUBLISH, publish_page, published_page, take_back_page
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.campaigns import Campaign
from bot.tables.partners import Referral, ReferralState
from bot.tables.said_and_done import CampaignCount, CampaignPage
from tests.factories import make_account, make_practice
from tests.messaging.helpers import live
from tests.said_and_done.campaigns import Ground, answer_no, close, help_people, stand_by


def stored(db: Database, campaign: int) -> CampaignPage:
    with db.read() as session:
        return session.get_one(CampaignPage, campaign)


def counts(session: Session) -> list[CampaignCount]:
    return list(session.exec(select(CampaignCount).order_by("id")))


def test_a_page_is_off_until_a_lead_publishes_it(
    db: Database, settings: Settings, ground: Ground, lead: UserAccount
) -> None:
    with db.read() as session:
        assert session.get(CampaignPage, ground.campaign) is None
    done = publish_page(db, settings, ground.campaign, ["done-now-interpreter"], actor_of(lead))
    assert done.published
    page = stored(db, ground.campaign)
    assert (page.code, page.changed, page.published_by) == (done.code, ["done-now-interpreter"], lead.id)
    assert done.counted is not None
    assert done.counted.figures.asked == 40


def test_what_was_hidden_is_not_even_stored(db: Database, settings: Settings, ground: Ground) -> None:
    help_people(db, settings, ground.campaign, {"energy-cost-cut": 9, "advice-given": 3})
    publish_page(db, settings, ground.campaign, [], CONSOLE)
    with db.read() as session:
        [count] = counts(session)
    assert count.figures["answered"] == 12
    assert count.figures["helped"] is None
    assert set(count.figures["helped_with"].values()) == {None}


def test_its_address_stays_the_same_for_good(db: Database, settings: Settings, ground: Ground) -> None:
    first = publish_page(db, settings, ground.campaign, [], CONSOLE)
    take_back_page(db, ground.campaign, CONSOLE)
    again = publish_page(db, settings, ground.campaign, [], CONSOLE)
    assert first.code == again.code
    assert len(first.code or "") == 10


def test_published_again_it_counts_anew(db: Database, settings: Settings, ground: Ground) -> None:
    publish_page(db, settings, ground.campaign, [], CONSOLE)
    answer_no(db, ground.campaign, 11)
    again = publish_page(db, settings, ground.campaign, [], CONSOLE)
    assert again.counted is not None
    assert not again.counted.stay
    assert again.counted.figures.answered == 11


def test_numbers_that_would_tell_of_a_few_stay_as_they_were(db: Database, settings: Settings, ground: Ground) -> None:
    answer_no(db, ground.campaign, 11)
    first = publish_page(db, settings, ground.campaign, [], CONSOLE)
    answer_no(db, ground.campaign, 1)
    again = publish_page(db, settings, ground.campaign, ["done-now-interpreter"], CONSOLE)
    assert again.counted is not None
    assert first.counted is not None
    assert again.counted.stay
    assert (again.counted.figures, again.counted.counted_at) == (first.counted.figures, first.counted.counted_at)
    assert stored(db, ground.campaign).changed == ["done-now-interpreter"]
    with db.read() as session:
        assert len(counts(session)) == 1


def test_taking_it_back_does_not_let_a_small_difference_out(db: Database, settings: Settings, ground: Ground) -> None:
    answer_no(db, ground.campaign, 11)
    publish_page(db, settings, ground.campaign, [], CONSOLE)
    take_back_page(db, ground.campaign, CONSOLE)
    answer_no(db, ground.campaign, 2)
    again = publish_page(db, settings, ground.campaign, [], CONSOLE)
    assert again.counted is not None
    assert again.counted.figures.answered == 11


def test_numbers_do_not_fall_when_records_are_erased(db: Database, settings: Settings, ground: Ground) -> None:
    made = help_people(db, settings, ground.campaign, {"energy-cost-cut": 12, "advice-given": 6})
    answer_no(db, ground.campaign, 6)
    publish_page(db, settings, ground.campaign, [], CONSOLE)
    with db.write() as session:
        for referral in made[:8]:
            row = session.get_one(Referral, referral.id)
            row.state, row.outcome = ReferralState.WITHDRAWN, None
            session.add(row)
    again = publish_page(db, settings, ground.campaign, [], CONSOLE)
    assert again.counted is not None
    assert again.counted.figures.helped == 18


def test_a_kind_of_help_that_was_hidden_stays_hidden(db: Database, settings: Settings, ground: Ground) -> None:
    made = help_people(db, settings, ground.campaign, {"energy-cost-cut": 9, "advice-given": 3})
    answer_no(db, ground.campaign, 10)
    first = publish_page(db, settings, ground.campaign, [], CONSOLE)
    assert first.counted is not None
    assert first.counted.figures.hidden_kinds == {
        "money-for-heating",
        "home-improvement",
        "advice-given",
        "energy-cost-cut",
    }
    more = help_people(db, settings, ground.campaign, {"advice-given": 9})
    with db.write() as session:
        close(session, more[0].id, "advice-given")
        close(session, made[0].id, "energy-cost-cut")
    again = publish_page(db, settings, ground.campaign, [], CONSOLE)
    assert again.counted is not None
    assert again.counted.figures.helped == 21
    assert set(again.counted.figures.helped_with.values()) == {None}


def test_only_a_lead_of_the_practice_publishes_and_takes_back(db: Database, settings: Settings, ground: Ground) -> None:
    elsewhere = make_account(db, Role.LEAD, practice=make_practice(db, "HILL"))
    nurse = make_account(db, Role.PRACTICE, practice=ground.practice)
    for account in (elsewhere, nurse):
        with pytest.raises(Refused, match="a lead of Station Practice"):
            publish_page(db, settings, ground.campaign, [], actor_of(account))
        with pytest.raises(Refused, match="a lead of Station Practice"):
            take_back_page(db, ground.campaign, actor_of(account))
    with db.read() as session:
        assert require(session, CONSOLE, PUBLISH, ground.practice) == CONSOLE


def test_words_of_ones_own_are_not_published(db: Database, settings: Settings, ground: Ground) -> None:
    for words in ("We are the best", "emergency", "done-heading", "done-now-more-classes"):
        with pytest.raises(Refused) as refused:
            publish_page(db, settings, ground.campaign, [words], CONSOLE)
        assert refused.value.code == "unknown-sentence"


def test_sentences_are_kept_once_and_in_the_order_of_the_catalogue(
    db: Database, settings: Settings, ground: Ground
) -> None:
    chosen = ["done-now-we-phone", "done-now-tell-once", "done-now-we-phone"]
    done = publish_page(db, settings, ground.campaign, chosen, CONSOLE)
    assert done.changed == ("done-now-tell-once", "done-now-we-phone")


def test_in_live_nothing_is_published_before_its_english_is_approved(
    db: Database, settings: Settings, ground: Ground, lead: UserAccount
) -> None:
    earnest = live(settings)
    stand_by(db, lead.id or 0, "en", leave_out="done-now-interpreter")
    with pytest.raises(Refused, match="Done now interpreter") as refused:
        publish_page(db, earnest, ground.campaign, ["done-now-interpreter"], actor_of(lead))
    assert refused.value.code == "not-approved"
    assert publish_page(db, earnest, ground.campaign, [], actor_of(lead)).published


def test_a_campaign_that_is_not_there_is_refused(db: Database, settings: Settings) -> None:
    for change in (lambda: publish_page(db, settings, 999, [], CONSOLE), lambda: take_back_page(db, 999, CONSOLE)):
        with pytest.raises(Refused) as refused:
            change()
        assert refused.value.code == "unknown-campaign"


def test_taking_back_what_is_off_changes_nothing(db: Database, settings: Settings, ground: Ground) -> None:
    assert not take_back_page(db, ground.campaign, CONSOLE).published
    publish_page(db, settings, ground.campaign, [], CONSOLE)
    for _ in range(2):
        take_back_page(db, ground.campaign, CONSOLE)
    with db.read() as session:
        entries = session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))
        deeds = [entry.action for entry in entries if "campaign-page" in entry.action]
    assert deeds == ["campaign-page-published", "campaign-page-taken-back"]


def test_the_audit_trail_says_who_published_and_no_number_of_people(
    db: Database, settings: Settings, ground: Ground, lead: UserAccount
) -> None:
    publish_page(db, settings, ground.campaign, ["done-now-interpreter"], actor_of(lead))
    with db.read() as session:
        [entry] = session.exec(select(AuditEntry).where(AuditEntry.action == "campaign-page-published"))
    assert (entry.actor, entry.practice_id) == (f"lead:{lead.id}", ground.practice.id)
    assert entry.detail == {"sentences": 1, "counted": True}
    said = deed_in_words(entry.action, "campaign 1", entry.detail)
    assert said == "published the page of campaign 1 that says what came of it"


def test_after_a_restore_every_page_is_off_until_it_is_published_again(
    db: Database, settings: Settings, ground: Ground
) -> None:
    code = publish_page(db, settings, ground.campaign, [], CONSOLE).code or ""
    with db.write() as session:
        for care in in_use().bring("after_restore"):
            care.settle(session)
            care.set_aside(session, [])
    with db.read() as session:
        assert published_page(session, code) is None
        assert session.get_one(Campaign, ground.campaign).state == "held"
