"""The rights over interpreters."""

from bot.accounts.rights import declare_right
from bot.tables.accounts import Role

MANAGE_INTERPRETERS = declare_right("manage-interpreters", Role.ADMIN)
"""Import the interpreters of an agency, and say when one is away."""
