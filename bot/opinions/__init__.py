"""A second opinion of what people write: it may raise what the rules found, never lower it, and holds nothing up."""

from bot.capability import Capability

CAPABILITY = Capability(
    name="opinions",
    after_text=("bot.opinions.asking:have_read_again",),
    beside_translations=("bot.opinions.reader:SecondReader",),
    notes=("bot.opinions.figures:opinion_notes",),
    metrics=("bot.opinions.figures:opinion_figures",),
    after_restore=("bot.opinions.restored",),
)
