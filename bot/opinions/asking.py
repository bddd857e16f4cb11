"""Having a reply read a second time: a row, stored with the reply; nobody waits for what comes of it."""

from bot.conversations.exchange import Exchange
from bot.rows import insert_row
from bot.tables.opinions import SecondOpinion


def have_read_again(exchange: Exchange) -> None:
    """Let a reply be read a second time, unless it is red already, which no opinion could raise, or has no word."""
    wordless = not any(letter.isalpha() for letter in exchange.message.body)
    if exchange.settings.has_second_opinion and exchange.reading.urgent != "red" and not wordless:
        insert_row(
            exchange.session,
            SecondOpinion,
            message_id=exchange.message.id or 0,
            arrived_at=exchange.message.created_at,
        )
