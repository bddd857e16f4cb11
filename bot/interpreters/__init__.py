"""Agencies and their interpreters: what they speak, when they work, and who suits. Knows no visits."""

from bot.capability import Capability, Command

CAPABILITY = Capability(
    name="interpreters",
    pages=("bot.interpreters.pages:blueprint",),
    cards=("bot.interpreters.cards:interpreter_cards",),
    rights=("bot.interpreters.rights:MANAGE_INTERPRETERS",),
    commands=(Command("agencies", "Agencies that send interpreters.", "bot.interpreters.commands:agencies"),),
    demo=("bot.interpreters.demo:add_demo_interpreters",),
)
