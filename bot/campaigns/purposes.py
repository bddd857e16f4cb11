"""What a campaign may be for, and the texts and criteria that belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.refusals import Refused


@dataclass(frozen=True)
class Purpose:
    """A reason to invite people: the key of its invitation, and the criteria it begins with."""

    name: str
    title: str
    invitation: str
    criteria: str


FUEL_POVERTY = Purpose(
    name="fuel-poverty",
    title="Help with a cold home",
    invitation="fuel-poverty-invitation",
    criteria="cold-home-respiratory",
)

PURPOSES: Mapping[str, Purpose] = {purpose.name: purpose for purpose in (FUEL_POVERTY,)}


def find_purpose(name: str) -> Purpose:
    """The purpose of that name. :raises Refused: there is none; the message lists those there are."""
    if name not in PURPOSES:
        raise Refused("unknown-purpose", f"There is no purpose {name}. Use one of: {', '.join(PURPOSES)}.")
    return PURPOSES[name]
