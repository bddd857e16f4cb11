"""The page on which a pharmacy says where its system listens."""

from bot.tables.accounts import Role
from bot.web import Place

WEBHOOK = Place("Your system", "/pharmacy/webhook", frozenset([Role.PHARMACY]))
