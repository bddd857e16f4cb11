"""The rights over the whole service's data and its audit trail."""

from bot.accounts.rights import declare_right
from bot.tables.accounts import Role

RESTORE = declare_right("restore", Role.ADMIN)
ACCEPT_HEAD = declare_right("accept-audit-head", Role.ADMIN)
