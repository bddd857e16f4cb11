"""Codes in words: why something came to a person, how a reply was read, and how a text is doing."""

from collections.abc import Mapping, Sequence

from bot.capability import in_use
from bot.tables.attention import InboxItem

_SECOND = "A computer's second opinion: this may be an emergency, though our word lists found less. It may be wrong."
REASONS: Mapping[str, str] = {
    "urgent": "There are urgent words in the message. Phone the person now.",
    "urgent-amber": "There may be something urgent in the message. Read it, and phone the person if you are not sure.",
    "urgent-paged": "There may be urgent words in the message. Phone the person now; no 999 text has gone.",
    "harm": (
        "Somebody may be hurting the person who wrote, or a child. Phone now and with care: whoever hurts them may "
        "hold the phone. Ask first whether they can talk, and say nothing to anybody else. The 999 text goes only "
        "where your practice lets it."
    ),
    "second-opinion": f"{_SECOND} Phone the person now.",
    "second-opinion-paged": f"{_SECOND} Phone the person now; no 999 text has gone.",
    "second-opinion-harm": (
        "A computer's second opinion: somebody may be hurting the person who wrote, or a child, though our lists of "
        "words found less. It may be wrong. Phone now and with care: whoever hurts them may hold the phone. Ask first "
        "whether they can talk, and say nothing to anybody else."
    ),
    "asked-for-help": "The person asks for help or for a phone call.",
    "wrong-number": "The person says that this is the wrong number.",
    "shared-number": "Several people share this phone, so we do not know who wrote.",
    "unknown-number": "Nobody on the list has this number.",
    "young-persons-number": (
        "This number is on a young person's record, and nobody knows that it is theirs: a parent may have written. Say "
        "nothing about the young person."
    ),
    "no-open-question": "The person answered, but no question was open any more.",
    "answered-too-soon": "The person answered seconds after a question went out, before they could have read it.",
    "came-late": "This message reached us late, after a newer one from the same phone. Nothing was done about it.",
    "another-language": "The person wants a language we have no texts in.",
    "language-told": "The person told us their language. Put it into the record with its code, then mark this as done.",
    "book": "The person wants an appointment.",
    "change": "The person wants to change an appointment.",
    "cancel": "The person wants to cancel an appointment.",
    "call-me": "The person asks for a phone call.",
    "bereaved": "The person writes that somebody has died. Read it soon, and put the record right.",
    "automatic-reply": "The phone answered by itself, such as while driving. Nothing was done about it.",
    "may-want-no-texts": (
        "The person may be asking for no more texts; we are not certain. Nothing was stopped. Read it, and if they do, "
        'choose "They want no more texts" below.'
    ),
    "not-understood": "We could not read the message with certainty.",
    "too-many-automatic": "Many automatic texts went to this number in a short time, so they were stopped.",
    "too-late": "A text could not go in time, so it was dropped.",
    "wording-not-approved": "The answer has no approved wording, so nothing was sent.",
    "no-practice-phone": (
        "Your practice has no phone number here, which the answer carries, so nothing was sent. An administrator "
        "enters it under Organisations."
    ),
    "opted-out": "A text could not go: the person asked us not to text.",
    "texting-refused": "A text could not go: the practice's list says that the person refuses texts.",
    "not-registered": "A text could not go: the person is not registered with the practice any more.",
    "no-mobile": "A text could not go: no mobile number is recorded for the person any more.",
    "shared-phone": "A text could not go: the number is on more than one person's record.",
    "unsafe-phone": "A text could not go: the number is not this person's own, or does not work any more.",
    "deceased": "It is recorded that the person with this phone has died.",
    "sent-twice": "This text may have reached the person twice.",
    "found-more-than-one": "The network has this text more than once. It may have reached the person twice.",
    "number-failed": "The network says that this number does not work.",
    "still-blocked": "The person wants texts again, but the network blocks them until they text the one word START.",
    "not-delivered": "A text did not arrive.",
    "emergency-text-failed": "The emergency text did not arrive. Phone the person now.",
    "sender-stopped": "The network refused our account, so sending is stopped. Tell your administrator.",
}

IN_SHORT: Mapping[str, str] = {
    "urgent": "Urgent",
    "urgent-amber": "May be urgent",
    "urgent-paged": "May be urgent: now",
    "harm": "May be in danger from somebody",
    "second-opinion": "Second opinion: may be urgent",
    "second-opinion-paged": "Second opinion: look now",
    "second-opinion-harm": "Second opinion: may be harmed",
    "asked-for-help": "Asks for help",
    "wrong-number": "Wrong number",
    "shared-number": "Shared phone",
    "unknown-number": "Unknown number",
    "young-persons-number": "May be a parent",
    "no-open-question": "Answer to no question",
    "answered-too-soon": "Answered too soon",
    "came-late": "Came late",
    "another-language": "Another language",
    "language-told": "Language to record",
    "book": "Wants an appointment",
    "change": "Change an appointment",
    "cancel": "Cancel an appointment",
    "call-me": "Wants a phone call",
    "bereaved": "Somebody has died",
    "automatic-reply": "Automatic answer",
    "may-want-no-texts": "May want no more texts",
    "not-understood": "Not clear",
    "too-many-automatic": "Too many texts",
    "too-late": "Text not sent: too late",
    "wording-not-approved": "No approved wording",
    "no-practice-phone": "The practice has no phone here",
    "opted-out": "Text not sent: opted out",
    "texting-refused": "Text not sent: refuses texts",
    "not-registered": "Text not sent: not registered",
    "no-mobile": "Text not sent: no mobile",
    "shared-phone": "Text not sent: shared phone",
    "unsafe-phone": "Text not sent: phone not safe",
    "deceased": "Recorded as died",
    "sent-twice": "Sent twice",
    "found-more-than-one": "May be sent twice",
    "number-failed": "Number does not work",
    "still-blocked": "Blocked until they text START",
    "not-delivered": "Text did not arrive",
    "emergency-text-failed": "999 text did not arrive",
    "sender-stopped": "Sending is stopped",
}
"""The same in a few words, for a heading and a choice; what a capability brings is read out."""

INTENTS: Mapping[str, str] = {
    "opt_out": "stop texting me",
    "opt_in": "text me again",
    "yes": "yes",
    "no": "no",
    "choice": "a choice from a list",
    "book": "wants an appointment",
    "change": "wants to change an appointment",
    "cancel": "wants to cancel an appointment",
    "call_me": "asks for a phone call",
    "wrong_number": "wrong number",
    "language": "wants another language",
    "help": "asks for help",
    "none": "not understood",
}

CONCEPTS: Mapping[str, str] = {
    "a-lot": "a lot",
    "cut-girl": "cutting of a girl",
    "fit": "fits",
    "high": "a high place",
    "hopeless": "no hope",
    "no-fade": "does not fade",
    "live": "life",
    "pills": "tablets",
    "self": "themselves",
    "wake": "waking or answering",
}
"""Danger concepts whose name does not say by itself what it is."""


def concepts_in_words(concepts: Sequence[str]) -> str:
    """The danger concepts that were found, such as "chest, pain"; nothing where there are none."""
    return ", ".join(in_words(CONCEPTS, concept) for concept in concepts)


WISHES: Mapping[str, str] = {
    "outreach": "Wants no invitations. An answer from you may still go.",
    "blocked": "Texted STOP. The network blocks our texts to this phone until they text START, so phone instead.",
    "all": "Wants no texts at all. Phone instead.",
}

STATES: Mapping[str, str] = {
    "queued": "waiting to go",
    "held": "held back",
    "sending": "being sent",
    "uncertain": "being checked",
    "accepted": "with the network",
    "sent": "sent",
    "delivered": "delivered",
    "undelivered": "not delivered",
    "failed": "failed",
    "cancelled": "cancelled",
    "received": "received",
}


def reason_words() -> dict[str, str]:
    """Every reason a capability brings, in words."""
    return {code: words for brought in in_use().bring("reasons") for code, words in brought.items()}


def known_reason(code: str) -> None:
    """:raises ValueError: no capability brings that reason, so nobody could read it."""
    if code not in reason_words():
        raise ValueError(f"no capability brings the reason {code}")


def why_it_is_here(item: InboxItem) -> str:
    """Why an item came to a person, and what to do."""
    return in_words(reason_words(), _code_of(item))


def in_short(item: InboxItem) -> str:
    """Why an item came to a person, in a few words."""
    return reason_in_short(_code_of(item))


def reason_in_short(code: str) -> str:
    """A reason in a few words."""
    words = in_words(IN_SHORT, code)
    return words[:1].upper() + words[1:]


def _code_of(item: InboxItem) -> str:
    pressing = f"{item.reason}-{'paged' if item.paged else item.urgency}"
    return pressing if pressing in reason_words() else item.reason


def in_words(words: Mapping[str, str], code: str) -> str:
    """What a code means; a code without words of its own is read out."""
    return words.get(code) or code.replace("_", " ").replace("-", " ")
