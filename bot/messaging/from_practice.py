"""What a text says of the practice it comes from: its name, and the number people may ring."""

from collections.abc import Mapping

from bot.refusals import Refused
from bot.tables.messaging import Kind
from bot.tables.organisations import Practice
from bot.texts.catalogue import Text, catalogue

PHONE_OF_LAST_RESORT = "111"
"""What `{practice_phone}` says in an answer when a practice has set no phone: NHS 111 has interpreters."""

OWN_PHONE_ALONE = frozenset([Kind.OUTREACH, Kind.REMINDER])
"""Kinds that come unasked: people ring the number to check who wrote, or to say that they cannot come."""


def practice_values(practice: Practice, text_key: str, kind: str | None = None) -> Mapping[str, str]:
    """The values of those slots of a text that speak of the practice.

    :param kind: as which it goes, where that is not the text's own kind.
    :raises Refused: `no-practice-phone`, the text carries the practice's own number and there is none.
    """
    text = catalogue()[text_key]
    known = {"practice": practice.name}
    if "practice_phone" in text.slots:
        known["practice_phone"] = practice.phone or _in_its_place(practice, text, kind)
    return {name: value for name, value in known.items() if name in text.slots}


def _in_its_place(practice: Practice, text: Text, kind: str | None) -> str:
    if OWN_PHONE_ALONE & {text.kind, kind}:
        raise no_practice_phone(practice)
    return PHONE_OF_LAST_RESORT


def no_practice_phone(practice: Practice) -> Refused:
    """Why a text that carries the number of its practice cannot go."""
    return Refused(
        "no-practice-phone",
        f"{practice.name} has no phone number here yet, and these texts carry it so that people can check who wrote. "
        "Ask an administrator to enter it under Organisations.",
        by_command=f"practices change {practice.code} --phone NUMBER",
    )
