"""What people wrote, in a machine's English, for whoever has to answer them: never instead of their words."""

from bot.capability import Capability

CAPABILITY = Capability(
    name="gists",
    pages=("bot.gists.pages:blueprint",),
    after_translation=("bot.gists.lifting:lift_urgent",),
    reasons=("bot.gists.lifting:REASONS",),
    rights=("bot.gists.reporting:REPORT_GISTS",),
    metrics=("bot.gists.figures:gist_figures",),
)
