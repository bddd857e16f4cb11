import pytest
from sqlmodel import select

from bot.campaigns.member_answers import note_answer
from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.campaigns import CampaignMember, MemberAnswer
from tests.campaigns.helpers import make_cohort, plan
from tests.factories import make_partner, make_practice


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["yes"], "yes"),
        (["yes", "no"], "no"),
        (["no", "yes"], "yes"),
        (["other", "yes"], "yes"),
        (["yes", "other"], "yes"),
        (["urgent", "yes"], "urgent"),
        (["yes", "urgent"], "urgent"),
        (["opted_out", "urgent"], "opted_out"),
        (["urgent", "opted_out", "yes"], "opted_out"),
    ],
)
def test_the_weightiest_answer_counts_and_of_yes_and_no_the_latest(
    db: Database, settings: Settings, given: list[str], kept: str
):
    practice = make_practice(db)
    make_partner(db, practice)
    (patient,) = make_cohort(db, practice, 1)
    campaign = plan(db, settings).campaign
    for answer in given:
        with db.write() as session:
            note_answer(session, campaign, patient.id or 0, MemberAnswer(answer), utc_now())
    with db.read() as session:
        assert session.exec(select(CampaignMember)).one().answer == kept
