"""The right over practices, partners and who works with whom."""

from bot.accounts.rights import declare_right
from bot.tables.accounts import Role

MANAGE_ORGANISATIONS = declare_right("manage-organisations", Role.ADMIN)
