"""The pages of this room that people are led to, and who sees them in the header."""

from bot.tables.accounts import Role
from bot.web import Place

COUNTER = Place("Tell a person", "/pharmacy/", frozenset([Role.PHARMACY]))
TODAY = Place("Today", "/pharmacy/today", frozenset([Role.PHARMACY]))
REPORTED_LANGUAGES = "/pharmacies/languages"
