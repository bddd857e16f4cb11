"""Why a plan leaves somebody out: the rule that everything fails by, at the place where they get furthest. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from bot.appointments.joint.choosing import CLINICIAN_SEX, HELD, NO_DOUBLE, Within, starts_of, why_none
from bot.appointments.packing.ground import Ground, Request, Starts
from bot.interpreters.suiting import Rule

NOTHING_FREE, OTHERS_FIRST = "nothing-free", "others-first"
"""No slot is left, or none at a time when the person is free; others have been given every time that suits."""
_FURTHEST = (*reversed(Rule), NO_DOUBLE, HELD, CLINICIAN_SEX)


def why_left_out(ground: Ground, request: Request, pairs: Mapping[int, Starts]) -> str:
    """The rule by which somebody who was not placed has no time.

    :param pairs: by interpreter, the starts that suit this person, were nobody placed.
    """
    if pairs:
        return OTHERS_FIRST
    picture, asked = ground.pictures[request.clinic_id], request.asked
    theirs = [replace(each, blocked=each.id in request.unwanted) for each in picture.candidates]
    own = replace(picture, candidates=theirs, theirs=request.theirs)
    reasons: Counter[str] = why_none(own, asked, starts_of(own, asked), Within())
    return next((str(rule) for rule in _FURTHEST if reasons[rule]), NOTHING_FREE)
