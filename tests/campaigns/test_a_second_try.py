"""An invitation to a phone that was off goes again hours later: the person is still one person."""

from datetime import timedelta

import time_machine

from bot.campaigns.capacity import partner_capacity
from bot.campaigns.progress import campaign_progress, campaign_status, whole_progress
from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.messaging import OpenQuestion, QuestionState
from bot.tables.organisations import Partner
from tests.campaigns.helpers import approve, plan
from tests.factories import make_partner, make_patient, make_practice, text_in
from tests.messaging.helpers import call_back, claim, london, rows, send_all, with_changes


def test_who_is_invited_twice_counts_once_and_can_answer_the_second_text(db: Database, settings: Settings) -> None:
    settings = with_changes(settings, sender_parts_per_second=1000)
    with time_machine.travel(london("2026-11-24 10:00"), tick=False) as clock:
        practice = make_practice(db)
        partner = make_partner(db, practice)
        people = [make_patient(db, practice) for _ in range(3)]
        campaign = plan(db, settings).campaign
        approve(db, settings, campaign)
        clock.shift(1)
        for claimed, code in zip(claim(db, settings), (30003, None, None), strict=True):
            call_back(db, claimed.ref, f"SM{claimed.attempt_id}", "undelivered" if code else "delivered", code)

        with db.read() as session:
            whole = whole_progress(session, campaign)
            assert (whole.people, whole.silent, whole.pending, whole.unreached) == (3, 2, 1, 0)
            assert [group.progress.people for group in campaign_progress(session, campaign).by_batch] == [3]
            status = campaign_status(session, campaign)
            assert (status["cohort"], status["silent"]) == (3, 2)
            assert status["batches"][0]["messages"] == {"delivered": 2, "queued": 1}
            assert [question.state for question in rows(session, OpenQuestion)].count(QuestionState.PENDING) == 1
            kept = partner_capacity(session, session.get_one(Partner, partner.id), utc_now())
            assert round(kept.expected, 1) == round(3 * 34 / 105, 1)

        clock.shift(timedelta(hours=4, seconds=1))
        send_all(db, settings)
        text_in(db, settings, people[0].phone, "1")
        with db.read() as session:
            whole = whole_progress(session, campaign)
            assert (whole.people, whole.replied, whole.yes, whole.silent) == (3, 1, 1, 2)
