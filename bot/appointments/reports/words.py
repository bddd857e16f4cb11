"""What the words of an appointment report mean: how a visit stands, and how people meet. Pure."""

import re
from enum import StrEnum

from bot.tables.appointments import VisitState
from bot.tables.interpreters import Mode


class Status(StrEnum):
    """What a row says of how the visit stands. `none`: the row is of a time that nobody has booked."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    ATTENDED = "attended"
    DID_NOT_ATTEND = "did-not-attend"
    CANCELLED = "cancelled"
    NONE = "none"


STATE_OF = {status: VisitState(status.value) for status in Status if status is not Status.NONE}
_WORDS = {
    Status.BOOKED: "booked scheduled confirmed pending-arrival notarrived not-arrived due unseen active future",
    Status.ARRIVED: "arrived waiting checkedin here sentin sendin inprogress started inconsultation quietsendin"
    " walkedout visited patientarrived",
    Status.ATTENDED: "attended left finished completed complete seen fulfilled done patientleft departed patientseen",
    Status.DID_NOT_ATTEND: "dna dnad didnotattend noshow notattended failedtoattend nonattendance unattended"
    " didntattend dnapatient",
    Status.NONE: "free available slotavailable unbooked blocked embargoed proposed pending waitlist waitinglist"
    " notbooked reserved held unavailable",
}
_STATUS_OF = {re.sub(r"\W", "", word): status for status, words in _WORDS.items() for word in words.split()}
_CANCELLED = re.compile(r"cancel|deleted|enteredinerror|rebooked|withdrawn")
_DID_NOT_ATTEND = re.compile(r"^dna|didnotattend|noshow")

_TELEPHONE = re.compile(r"\b(?:tele?phone|tel|phone|t/?c|ring|call|callback)\b", re.I)
_VIDEO = re.compile(r"\b(?:video|virtual)", re.I)
_IN_PERSON = re.compile(r"\b(?:face[\s-]?to[\s-]?face|f2f|ftf|in[\s-]person|visit)\b", re.I)


def read_status(word: str) -> Status | None:
    """How a visit stands by the word of a report; None for a word that is not known."""
    squashed = re.sub(r"[\W_]+", "", word).casefold()
    if found := _STATUS_OF.get(squashed):
        return found
    if _CANCELLED.search(squashed):
        return Status.CANCELLED
    return Status.DID_NOT_ATTEND if _DID_NOT_ATTEND.search(squashed) else None


def read_mode(words: str) -> Mode:
    """How people meet by the name of a slot's type; in person unless it says one other way only."""
    if _IN_PERSON.search(words):
        return Mode.IN_PERSON
    telephone, video = bool(_TELEPHONE.search(words)), bool(_VIDEO.search(words))
    if telephone == video:
        return Mode.IN_PERSON
    return Mode.TELEPHONE if telephone else Mode.VIDEO
