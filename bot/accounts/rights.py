"""Who may do what: a right is a name, roles hold it, and a person has roles in organisations."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from sqlmodel import Session, col, select

from bot.audit import CONSOLE, Actor
from bot.capability import in_use
from bot.refusals import Refused
from bot.tables.accounts import Membership, Role, UserAccount
from bot.tables.organisations import Practice


@dataclass(frozen=True)
class Right:
    """What somebody may do: its name, and the roles that hold it. Capabilities bring theirs."""

    name: str
    roles: frozenset[Role]


def declare_right(name: str, *roles: Role) -> Right:
    """A right that these roles hold."""
    return Right(name, frozenset(roles))


_PEOPLE = {
    Role.PRACTICE: "staff",
    Role.LEAD: "a lead",
    Role.PARTNER: "an adviser",
    Role.REVIEWER: "a reviewer",
    Role.PHARMACY: "staff",
    Role.INTERPRETER: "an interpreter",
    Role.ADMIN: "an administrator",
}


class HasCode(Protocol):
    """A practice, a partner, or another organisation that has a code and a name."""

    code: str
    name: str


MANAGE_ACCOUNTS = declare_right("manage-accounts", Role.ADMIN)


def holders(right: Right) -> tuple[Role, ...]:
    """The roles that hold a right, the one that may least first."""
    return tuple(role for role in Role if role in right.roles)


def require(session: Session, actor: Actor, right: Right, organisation: HasCode | None) -> Actor:
    """Let the console pass, and people with a role in that organisation that holds the right.

    :param organisation: None is the service itself.
    :return: the actor under the role used, for the audit trail.
    :raises Refused: `not-allowed`, anybody else; says who can.
    """
    if actor == CONSOLE:
        return actor
    used = roles_used(session, actor, right).get(organisation.code if organisation else None)
    if used is None:
        raise Refused("not-allowed", f"Only {who_can(right, organisation)} can do that. Sign in as one of them.")
    return under(actor, used)


def require_anywhere(session: Session, actor: Actor, right: Right) -> tuple[Actor, str | None]:
    """`require` for what belongs to no organisation, such as wording: a role that holds the right in any will do.

    :return: the actor under the role used, and the code of the organisation in which it has that role.
    :raises Refused: `not-allowed`, nowhere such a role.
    """
    if actor == CONSOLE:
        return actor, None
    for code, role in roles_used(session, actor, right).items():
        return under(actor, role), code
    raise Refused("not-allowed", f"Only {who_can(right)} can do that. Sign in as one of them.")


def roles_used(session: Session, actor: Actor, right: Right) -> dict[str | None, Role]:
    """The organisations, by code, in which a person has a role that holds the right, with that role.

    Of several roles in one organisation it is the one that may least; a closed account has none.
    """
    statement = (
        select(Membership)
        .join(UserAccount, col(UserAccount.id) == col(Membership.user_id))
        .where(col(UserAccount.active), Membership.user_id == actor.user_id)
        .where(col(Membership.role).in_(holders(right)))
        .order_by(col(Membership.id))
    )
    used: dict[str | None, Role] = {}
    for membership in session.exec(statement):
        code, role = membership.organisation, Role(membership.role)
        used[code] = least((role, used.get(code, role)))
    return used


def least(roles: Iterable[str]) -> Role:
    """Of several roles, the one that may least."""
    return min(map(Role, roles), key=list(Role).index)


def under(actor: Actor, role: Role) -> Actor:
    """The same person, named by the role used, such as `lead:12`."""
    return Actor(actor.user_id, f"{role}:{actor.user_id}")


def who_can(right: Right, organisation: HasCode | None = None) -> str:
    """Who holds a right, in words: "staff or a lead of Station Practice"."""
    people = " or ".join(dict.fromkeys(_PEOPLE[role] for role in holders(right)))
    return f"{people} of {organisation.name}" if organisation else people


def practice_of(session: Session, user_id: int | None) -> int | None:
    """The practice in whose audit trail a deed of the account itself belongs, such as signing in.

    Whoever works for several is in none of theirs: what they do elsewhere is not that practice's business.
    """
    statement = (
        select(Practice.id)
        .join(Membership, col(Membership.organisation) == col(Practice.code))
        .where(Membership.user_id == user_id)
        .distinct()
    )
    practices = session.exec(statement).all()
    return practices[0] if len(practices) == 1 else None


def check_rights() -> None:
    """Hold the rights that capabilities bring against each other.

    :raises RuntimeError: two of them have one name.
    """
    names = [right.name for right in in_use().bring("rights")]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RuntimeError(f"two rights are called {', '.join(twice)}")
