"""Why a plan leaves somebody out, and why a planned time was not booked, as staff read it. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from bot.appointments.joint.choosing import CLINICIAN_SEX, HELD, NO_DOUBLE
from bot.appointments.packing.reasons import NOTHING_FREE, OTHERS_FIRST
from bot.interpreters.suiting import Rule


class Why(NamedTuple):
    """What keeps somebody out, and what would help."""

    why: str
    help: str


LEFT_OUT: Mapping[str, Why] = {
    Rule.LANGUAGE: Why(
        "No interpreter speaks their language.",
        "Check the language in their record. If it is right, ask your agency for somebody who speaks it.",
    ),
    Rule.SEX: Why(
        "No interpreter of the sex they asked for speaks their language.",
        "Ask your agency for one, or ask the person whether another interpreter will do.",
    ),
    Rule.MODE: Why(
        "No interpreter of their language comes in person.",
        "Ask your agency for one who does.",
    ),
    Rule.NOTICE: Why(
        "The interpreters of their language need more notice than is left.",
        "Plan for later days.",
    ),
    Rule.HOURS: Why(
        "No interpreter of their language is free when the clinic has a time.",
        "Ask your agency for other hours, or hold the clinic at other times.",
    ),
    Rule.TRAVEL: Why(
        "The interpreters of their language could not be there in time from where they are before or after.",
        "Hold the clinic at other times, or ask your agency for somebody else.",
    ),
    Rule.BLOCKED: Why(
        "The interpreters who could come are those the person does not want.",
        "Ask your agency for somebody else.",
    ),
    Rule.AGENCY: Why(
        "Only interpreters of agencies that do not serve your practice could come.",
        "Ask whoever runs this service to link such an agency to your practice.",
    ),
    NO_DOUBLE: Why(
        "No two free times follow each other, and an interpreted visit takes two.",
        "Free a time beside another, or make a longer session.",
    ),
    HELD: Why(
        "The times that are free are kept for visits in another language.",
        "They open to everybody some days before. Or make a session for their language.",
    ),
    CLINICIAN_SEX: Why(
        "No clinician of the sex they asked for has a free time.",
        "Make a session of such a clinician, or ask the person whether another will do.",
    ),
    NOTHING_FREE: Why(
        "The clinic has no time free on these days when the person could come.",
        "Make another session of this clinic, or plan for other days.",
    ),
    OTHERS_FIRST: Why(
        "Every time that would suit is given to somebody else in this plan.",
        "More hours of an interpreter of their language, or another session, would make room.",
    ),
}
"""By the rule that the line of a plan keeps."""
_NOT_BOOKED: Mapping[str, str] = {
    "taken": "Somebody else was given that time meanwhile.",
    "past": "That time has passed.",
    "too-late": "It was too near its start to be booked.",
    "already-booked": "They have a visit already.",
    "asked": "They had been asked by text about another time.",
    "not-waiting": "They do not wait any more.",
    "not-suited": "That time does not suit them any more: something in their record, the clinic or the interpreter's "
    "hours has changed.",
}
_CHANGED = "Something has changed since the plan was made."


def left_out_in_words(why: str | None) -> Why:
    """Why somebody stays out, and what would help."""
    return LEFT_OUT[why or OTHERS_FIRST]


def not_booked_in_words(code: str) -> str:
    """Why a planned time was not booked, by the code of the refusal."""
    return _NOT_BOOKED.get(code, _CHANGED)
