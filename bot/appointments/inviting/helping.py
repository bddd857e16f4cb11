"""Why no time is free for people who share times, as what would help. Pure."""

from datetime import datetime
from enum import StrEnum

from bot.appointments.inviting.sharing import able_people, bookable_starts
from bot.appointments.joint.choosing import CLINICIAN_SEX, Asked, Picture, failing_of, starts_of


class Helps(StrEnum):
    """What would bring a time.

    `language`: to know which they speak. `woman`: there are times, and none is a woman's. `longer`: two slots one
    after the other. `interpreter`: hours of one at free times. `slots`: there are none left, or none at all.
    """

    LANGUAGE = "language"
    WOMAN = "woman"
    LONGER = "longer"
    INTERPRETER = "interpreter"
    SLOTS = "slots"


def what_helps(picture: Picture, asked: Asked, until: datetime) -> Helps:
    """What would bring a time to people for whom none was counted.

    :param until: times that start then or later are not looked at.
    """
    if asked.interpreted and asked.speaks is None:
        return Helps.LANGUAGE
    rules = [failing_of(picture, asked, slot) for slot in picture.slots if slot.starts < until]
    if rules and asked.clinician_sex and all(rule == CLINICIAN_SEX for rule in rules):
        return Helps.WOMAN
    if all(rules):
        return Helps.SLOTS
    if not any(start.first.starts < until for start in starts_of(picture, asked)):
        return Helps.LONGER
    if not bookable_starts(picture, asked, able_people(picture, asked), until):
        return Helps.INTERPRETER
    return Helps.SLOTS
