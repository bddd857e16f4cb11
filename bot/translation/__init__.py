"""Machine translation on this machine alone: models, the translator's queue, and what is checked of its output."""

from bot.capability import Capability, Job

CAPABILITY = Capability(
    name="translation",
    retention=(Job("erase-old-translations", 3600, "bot.translation.erasing:erase_old_translations"),),
)
