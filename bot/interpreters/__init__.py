"""Agencies and their interpreters: what they speak, when they work, and who suits. Knows no visits."""

from bot.capability import Capability

CAPABILITY = Capability(name="interpreters")
