"""People who work with the service: accounts, rights, second factor, sessions."""

from bot.capability import Capability, Command

CAPABILITY = Capability(
    name="accounts",
    pages=(
        "bot.accounts.sign_in_pages:blueprint",
        "bot.accounts.second_factor_pages:blueprint",
        "bot.accounts.account_pages:blueprint",
    ),
    commands=(Command("users", "The people who work with the service.", "bot.accounts.commands:users"),),
    rights=("bot.accounts.rights:MANAGE_ACCOUNTS",),
    checks=("bot.accounts.rights:check_rights",),
    cards=("bot.accounts.cards:account_cards",),
    navigation=("bot.accounts.cards:ACCOUNTS",),
)
