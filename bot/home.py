"""The home page and the header: what each capability has to say to whoever is signed in."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint
from sqlmodel import Session
from werkzeug.wrappers import Response

from bot.accounts.access import for_everyone_signed_in, own_account
from bot.capability import in_use
from bot.tables.accounts import Role, UserAccount
from bot.web import Card, Place, database, render

Cards = Callable[[Session, UserAccount], list[Card]]
"""What a capability says to an account on its home page; nothing to those it does not concern."""
HOME = Place("Home", "/", frozenset(Role))

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@for_everyone_signed_in
def home() -> Response:
    """What needs this person now."""
    return _home_page("home/home.html")


@blueprint.get("/home/cards")
@for_everyone_signed_in
def cards_fragment() -> Response:
    """The part of the page that moves, for its script."""
    return _home_page("home/_home.html")


def _home_page(template: str) -> Response:
    with database().read() as session:
        cards = cards_for(session, own_account())
    return render(template, cards=cards)


def cards_for(session: Session, account: UserAccount) -> list[Card]:
    """The cards of an account's home page, what is red before everything else."""
    brought: Any = in_use().bring("cards")
    cards = [card for cards in brought for card in cards(session, account)]
    return sorted(cards, key=lambda card: card.urgency != "red")


def navigation_for(account: UserAccount | None, path: str) -> list[tuple[Place, bool]]:
    """The places an account sees in the header, each with whether `path` lies in it."""
    if account is None:
        return []
    places: tuple[Place, ...] = (HOME, *in_use().bring("navigation"))
    return [(place, _is_within(path, place.path)) for place in places if account.role in place.roles]


def _is_within(path: str, place: str) -> bool:
    return path == place or (place != "/" and path.startswith(f"{place}/"))
