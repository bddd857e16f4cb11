"""One interpreter, by the code agencies know them by, by the account they sign in with, or by their phone."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.refusals import Refused
from bot.tables.accounts import Membership, Role, UserAccount
from bot.tables.interpreters import Interpreter
from bot.tables.organisations import Agency


def interpreter_by_code(session: Session, code: str) -> Interpreter:
    """The interpreter with that code. :raises Refused: there is none."""
    found = session.exec(select(Interpreter).where(Interpreter.code == code)).first()
    if found is None:
        raise Refused(
            "unknown-interpreter",
            f"There is no interpreter {code}.",
            by_command="interpreters import FILE --agency CODE",
        )
    return found


def interpreter_of_account(session: Session, account: UserAccount) -> Interpreter | None:
    """Whom an account stands for: the interpreter with its email, while it has that role in their agency."""
    statement = (
        select(Interpreter)
        .join(Agency, col(Agency.id) == col(Interpreter.agency_id))
        .join(Membership, col(Membership.organisation) == col(Agency.code))
        .where(Interpreter.email == account.email, col(Interpreter.left_at).is_(None))
        .where(Membership.user_id == account.id, Membership.role == Role.INTERPRETER)
    )
    return session.exec(statement).first()


def interpreters_with_phone(session: Session, phone: str) -> Sequence[Interpreter]:
    """Who has that number (E.164), of those who have not left."""
    statement = select(Interpreter).where(Interpreter.phone == phone, col(Interpreter.left_at).is_(None))
    return session.exec(statement.order_by(col(Interpreter.id))).all()
