"""Who may do what with a campaign of a practice."""

from bot.accounts.rights import declare_right
from bot.tables.accounts import Role

PLAN = declare_right("plan-campaigns", Role.PRACTICE, Role.LEAD)
RELEASE = declare_right("release-batches", Role.LEAD)
