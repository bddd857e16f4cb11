"""Practices and partners, who works with whom, and the numbers their texts go out from."""

from bot.capability import Capability, Command

CAPABILITY = Capability(
    name="organisations",
    commands=(Command("practices", "GP practices.", "bot.organisations.commands:practices"),),
)
