"""The right to book, move and give up visits, and to say what became of them."""

from bot.accounts.rights import declare_right
from bot.tables.accounts import Role

BOOK_VISITS = declare_right("book-visits", Role.PRACTICE, Role.LEAD)
