"""Which organisations a person works for, and in which roles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.refusals import Refused
from bot.tables.accounts import Membership, Role
from bot.tables.organisations import KINDS, Organisation, Partner, Practice

KIND_OF_ROLE = {
    Role.PRACTICE: "practice",
    Role.LEAD: "practice",
    Role.PARTNER: "partner",
    Role.PHARMACY: "pharmacy",
}
"""The kind of organisation a role is had in; others may be had in any, or in the service itself."""
OF_A_PRACTICE = frozenset([Role.PRACTICE, Role.LEAD])
THE_SERVICE = "The whole service"


@dataclass(frozen=True)
class Acting:
    """The organisation a person acts for, with all the roles the person has there.

    `code`, `kind` and `id` are None for the service itself.
    """

    code: str | None
    name: str
    roles: frozenset[Role]
    kind: str | None = None
    id: int | None = None

    @property
    def practice_id(self) -> int | None:
        """The practice, if it is one."""
        return self.id if self.kind == "practice" else None

    @property
    def partner_id(self) -> int | None:
        """The partner, if it is one."""
        return self.id if self.kind == "partner" else None

    @property
    def agency_id(self) -> int | None:
        """The agency, if it is one."""
        return self.id if self.kind == "agency" else None

    @property
    def pharmacy_id(self) -> int | None:
        """The pharmacy, if it is one."""
        return self.id if self.kind == "pharmacy" else None


def all_acting(session: Session, user_id: int) -> list[Acting]:
    """Everything an account may act for, in the order of its memberships."""
    statement = (
        select(Membership.role, Membership.organisation, Organisation.kind)
        .outerjoin(Organisation, col(Organisation.code) == col(Membership.organisation))
        .where(Membership.user_id == user_id)
        .order_by(col(Membership.id))
    )
    found: dict[str | None, tuple[str | None, set[Role]]] = {}
    for role, code, kind in session.exec(statement):
        found.setdefault(code, (kind, set()))[1].add(Role(role))
    return [_acting(session, code, kind, roles) for code, (kind, roles) in found.items()]


def _acting(session: Session, code: str | None, kind: str | None, roles: set[Role]) -> Acting:
    if code is None or kind is None:
        return Acting(None, THE_SERVICE, frozenset(roles))
    row = organisation_row(session, code, kind)
    return Acting(code, row.name, frozenset(roles), kind, row.id)


def organisation_row(session: Session, code: str, kind: str) -> Practice | Partner:
    """What the table of its kind says about an organisation."""
    table = KINDS[kind]
    row: Practice | Partner = session.exec(select(table).where(table.code == code)).one()  # type: ignore[assignment]
    return row


def _every_row(session: Session) -> Iterator[Practice | Partner]:
    for table in KINDS.values():
        yield from session.exec(select(table).order_by(table.code))  # type: ignore[misc]


def find_place(session: Session, role: Role, code: str | None) -> Organisation | None:
    """The organisation a role is given in; None is the service itself, where alone an administrator acts.

    :raises Refused: there is no organisation of that code, or the role belongs to another kind.
    """
    if role == Role.ADMIN:
        return None
    found = session.get(Organisation, code) if code else None
    if code and found is None:
        raise Refused("unknown-organisation", f"There is no organisation {code}. Add it first.")
    kind = KIND_OF_ROLE.get(role)
    if kind and (found is None or found.kind != kind):
        raise Refused(f"needs-{kind}", f"The role {role} belongs to a {kind}: name its code.")
    return found


def has_membership(session: Session, user_id: int, role: Role, code: str | None) -> bool:
    """Whether an account has that role there."""
    statement = select(Membership.id).where(Membership.user_id == user_id, Membership.role == role)
    return session.exec(statement.where(col(Membership.organisation).is_not_distinct_from(code))).first() is not None


def memberships_in_words(session: Session) -> dict[int, list[str]]:
    """Each account's memberships as pages show them: "lead, Station Practice"."""
    memberships = session.exec(select(Membership).order_by(col(Membership.id))).all()
    words: dict[int, list[str]] = {}
    for membership, said in zip(memberships, in_words(session, memberships), strict=True):
        words.setdefault(membership.user_id, []).append(said)
    return words


def in_words(session: Session, memberships: Sequence[Membership]) -> list[str]:
    """Memberships as pages show them, in the same order."""
    names = {row.code: row.name for row in _every_row(session)}
    return [f"{each.role}, {names.get(each.organisation or '', THE_SERVICE.lower())}" for each in memberships]


def organisation_choices(session: Session) -> Sequence[tuple[str, str]]:
    """Code and name of every organisation, to choose from."""
    return [(row.code, row.name) for row in _every_row(session)]
