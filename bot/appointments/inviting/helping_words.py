"""What would bring times to people of a campaign, in sentences."""

from collections.abc import Mapping

from bot.appointments.inviting.free_times import AHEAD, FreeTimes, Sharing
from bot.appointments.inviting.helping import Helps, what_helps

_WORDS: Mapping[Helps, str] = {
    Helps.LANGUAGE: "Record which language each of them speaks.",
    Helps.WOMAN: "A session of a woman clinician would help: the invitation says that a woman does it.",
    Helps.LONGER: "Longer sessions would help, so that two free slots follow each other.",
    Helps.SLOTS: "More slots would help.",
}


def what_would_help(free: FreeTimes, group: Sharing) -> Helps:
    """What would bring times, or more of them, to a group."""
    if free.times[group.key]:
        return Helps.SLOTS
    return what_helps(free.picture, free.asked_by(group), free.now + AHEAD)


def would_help(free: FreeTimes, group: Sharing) -> str:
    """`what_would_help`, in a sentence."""
    helps = what_would_help(free, group)
    if helps is Helps.INTERPRETER:
        return f"Hours of an interpreter for {group.language_in_words} would help."
    return _WORDS[helps]
