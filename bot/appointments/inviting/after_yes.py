"""What follows a yes to an invitation to a clinic: times to choose from, or the waiting list where none is free."""

from bot.appointments.by_text.offering import offer_times
from bot.appointments.inviting.clinics_invited_to import invited_to
from bot.appointments.joint.finding import Wish, refuse_unfit
from bot.appointments.waiting.joining import join_in, refuse_booked
from bot.attention.items import ask_a_person
from bot.audit import PERSON
from bot.conversations.dialogue import leave_to_a_person
from bot.conversations.exchange import Exchange, acknowledge, say
from bot.refusals import Refused
from bot.tables.messaging import OpenQuestion

WHETHER_TO_TALK = "talk"
"""What is asked of who waits, and of who said no."""


def offer_times_of_campaign(exchange: Exchange, question: OpenQuestion) -> None:
    """Times of the campaign's clinic, held for the person; where none suits they wait, and hear so.

    Somebody whom the clinic does not see, or who has a visit to come in it, is staff's to answer.
    """
    invited = invited_to(exchange.session, question.subject_id or 0)
    if invited is None or exchange.patient is None:
        leave_to_a_person(exchange)
        return
    wish = invited.wish_of(exchange.patient)
    try:
        refuse_unfit(wish)
        refuse_booked(exchange.session, wish, exchange.now)
    except Refused:
        ask_a_person(exchange.session, exchange.message, "book")
        acknowledge(exchange)
        return
    if offer_times(exchange.session, exchange.settings, wish, exchange=exchange) is None:
        _wait(exchange, wish)


def _wait(exchange: Exchange, wish: Wish) -> None:
    join_in(exchange.session, wish, wish.campaign_id, PERSON, exchange.now)
    say(exchange, "waiting-joined", question=WHETHER_TO_TALK)
