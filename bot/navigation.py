"""What the header offers to whom."""

from dataclasses import dataclass

from bot.tables.accounts import Role


@dataclass(frozen=True)
class Place:
    """A page in the header and the roles that see it there."""

    label: str
    path: str
    roles: frozenset[Role]


_PRACTICE = frozenset([Role.PRACTICE, Role.LEAD])
PLACES = (
    Place("Home", "/", frozenset(Role)),
    Place("Inbox", "/inbox", _PRACTICE),
    Place("Lists", "/lists", _PRACTICE),
    Place("Campaigns", "/campaigns", _PRACTICE),
    Place("Referrals", "/referrals", frozenset([Role.PARTNER])),
    Place("Organisations", "/organisations", frozenset([Role.ADMIN])),
    Place("Accounts", "/accounts", frozenset([Role.ADMIN])),
    Place("Operations", "/operations", frozenset([Role.ADMIN])),
    Place("Audit trail", "/audit", frozenset([Role.ADMIN, Role.LEAD])),
)


def navigation_for(roles: frozenset[Role], path: str) -> list[tuple[Place, bool]]:
    """The places that somebody with these roles sees, each with whether `path` lies in it."""
    return [(place, _is_within(path, place.path)) for place in PLACES if roles & place.roles]


def _is_within(path: str, place: str) -> bool:
    return path == place or (place != "/" and path.startswith(f"{place}/"))
