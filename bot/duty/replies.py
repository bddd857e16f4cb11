"""What a phone on duty texts us: it is no patient's reply. Staff read it, and hear where it wants no texts any more."""

from collections.abc import Mapping

from sqlmodel import col, select

from bot.attention.items import ask_a_person
from bot.conversations.exchange import Exchange
from bot.tables.duty import DutyEntry

FROM_DUTY, DUTY_STOPPED = "from-duty", "duty-stopped"
REASONS: Mapping[str, str] = {
    FROM_DUTY: "A phone on duty wrote. To take a case, open it in the inbox; a text back takes none.",
    DUTY_STOPPED: "A phone on duty asked for no texts, so it is not told of what cannot wait. Put another one on duty.",
}


def take_reply_of_duty(exchange: Exchange) -> bool:
    """Leave the text of a phone on duty to staff; False where it is none, or a patient's besides.

    A wish for no texts is recorded as anybody's is, and staff hear of it. Words of danger in it are about a case, so no
    999 text goes and nobody is told of it again; a person reads it soon.
    """
    if not _is_on_duty(exchange):
        return False
    intent = exchange.reading.intent
    if intent in ("opt_out", "opt_in"):
        if intent == "opt_out":
            ask_a_person(exchange.session, exchange.message, DUTY_STOPPED, "amber")
        return False
    if exchange.people:
        return False
    ask_a_person(exchange.session, exchange.message, FROM_DUTY, "amber" if exchange.reading.urgent else None)
    return True


def _is_on_duty(exchange: Exchange) -> bool:
    """Whether the phone has an entry, of whatever time, in the rota of the practice it writes to."""
    theirs = select(DutyEntry.id).where(
        DutyEntry.phone == exchange.message.phone, col(DutyEntry.practice_id) == exchange.message.practice_id
    )
    return exchange.session.exec(theirs.limit(1)).first() is not None
