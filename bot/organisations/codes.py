"""Codes of organisations: one stands for one organisation, of whatever kind."""

from sqlmodel import Session

from bot.refusals import Refused
from bot.tables.organisations import KINDS, Organisation


def take_code(session: Session, code: str, kind: str) -> None:
    """Make a code that of a new organisation of this kind; one of the same kind may have it already.

    :raises Refused: `code-taken`, an organisation of another kind has it.
    :raises ValueError: there is no such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind} is no kind of organisation")
    found = session.get(Organisation, code)
    if found is None:
        session.add(Organisation(code=code, kind=kind))
        session.flush()
    elif found.kind != kind:
        raise Refused("code-taken", f"{code} is the code of a {found.kind}. Choose another code for this {kind}.")
