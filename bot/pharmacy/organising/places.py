"""The pages of this room that people are led to, and who sees them in the header."""

from bot.tables.accounts import Role
from bot.web import Place

FOR_PRACTICES = Place("Pharmacies", "/pharmacies", frozenset([Role.PRACTICE, Role.LEAD]))
FOR_PHARMACIES = Place("Practices", "/pharmacy/practices", frozenset([Role.PHARMACY]))
HOURS = Place("Opening hours", "/pharmacy/hours", frozenset([Role.PHARMACY]))
REGISTER = Place("Pharmacies", "/organisations/pharmacies", frozenset([Role.ADMIN]))
