"""Who says yes to the link between a pharmacy and a practice, and who says when a pharmacy is closed."""

from bot.accounts.rights import declare_right
from bot.tables.accounts import Role

CONFIRM_FOR_PRACTICE = declare_right("confirm-pharmacy", Role.LEAD)
"""Let a pharmacy text the people of one's practice, or no longer."""
RUN_PHARMACY = declare_right("run-pharmacy", Role.PHARMACY)
"""Say for a pharmacy which practices it works with, and on which days it is closed."""
