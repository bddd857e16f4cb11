"""Machine translation on this machine alone: models, the translator's queue, and what is checked of its output."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="translation",
    rights=("bot.translation.switching:SWITCH_LANGUAGES",),
    commands=(
        Command("languages", "Languages, and the models that translate them.", "bot.translation.commands:languages"),
        Command("translate", "Translate a text on this machine.", "bot.translation.translate_command:translate"),
    ),
    retention=(Job("erase-old-translations", 3600, "bot.translation.erasing:erase_old_translations"),),
    readiness=("bot.translation.figures:translation_faults",),
    metrics=("bot.translation.figures:translation_figures",),
    after_restore=("bot.translation.restored",),
)
