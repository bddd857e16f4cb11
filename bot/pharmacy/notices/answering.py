"""What people answer their pharmacy: kept, thanked for, and whoever wants a call is on the pharmacy's list."""

from datetime import timedelta

from bot.conversations.exchange import Exchange, say
from bot.messaging.questions import Question, close_question
from bot.pharmacy.notices.happening import Happened, happened
from bot.pharmacy.notices.saying import PHARMACY
from bot.pharmacy.notices.subject import about
from bot.pharmacy.notices.telling import ask_whether_to_tell
from bot.pharmacy.notices.wording import ANSWERS, PHONE_ME, THANKS, WILL_BE_PHONED
from bot.rows import update_row
from bot.tables.messaging import OpenQuestion
from bot.tables.organisations import Pharmacy
from bot.tables.pharmacy import Notice, NoticeState
from bot.understanding.questions import QUESTIONS


def take_answer(exchange: Exchange, question: OpenQuestion) -> None:
    """A number under a notice, or a wish to be phoned in words: kept, and answered under the pharmacy's name."""
    close_question(exchange.session, question, exchange.now)
    notice = exchange.session.get_one(Notice, question.subject_id)
    pharmacy = exchange.session.get_one(Pharmacy, notice.pharmacy_id)
    means = ANSWERS[question.detail or ""]
    answer = means.get(exchange.reading.choice or 0, PHONE_ME)
    not_followed = notice.state == NoticeState.QUEUED
    update_row(
        exchange.session,
        notice,
        answer=answer,
        answered_at=exchange.now,
        state=NoticeState.ANSWERED,
        changed_at=exchange.now,
    )
    if not_followed:  # they answer what they have read, sooner than we look
        happened(exchange.session, notice, Happened.SENT, exchange.now)
    happened(exchange.session, notice, Happened.ANSWERED, exchange.now)
    text = WILL_BE_PHONED if answer == PHONE_ME else THANKS
    say(exchange, text, {"pharmacy": pharmacy.name}, subject=about(notice))
    ask_whether_to_tell(exchange, pharmacy, notice)


ABOUT_A_PRESCRIPTION = Question(
    means=QUESTIONS[PHARMACY],
    lasts=timedelta(days=7),
    answers={"choice": take_answer, "call_me": take_answer},
    offers=lambda question: tuple(ANSWERS[question.detail or ""]),
)
