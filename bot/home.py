"""The home page and the header: what each capability has to say to whoever is signed in."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from werkzeug.wrappers import Response

from bot.accounts.access import for_everyone_signed_in, own_acting, own_choices
from bot.accounts.acting import links_to
from bot.accounts.memberships import Acting
from bot.capability import in_use
from bot.tables.accounts import Role
from bot.web import Card, Place, database, local_path, render

Cards = Callable[[Session, Acting], list[Card]]
"""What a capability says on the home page of who acts for an organisation; nothing where it does not concern them."""
HOME = Place("Home", "/", frozenset(Role))

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@for_everyone_signed_in
def home() -> Response:
    """What needs this person now; who works for several organisations chooses one first."""
    if own_acting() is None and own_choices():
        links = links_to(own_choices(), local_path(request.args.get("next")))
        return render("home/choose.html", links=links)
    return _home_page("home/home.html")


@blueprint.get("/home/cards")
@for_everyone_signed_in
def cards_fragment() -> Response:
    """The part of the page that moves, for its script."""
    return _home_page("home/_home.html")


def _home_page(template: str) -> Response:
    acting = own_acting()
    with database().read() as session:
        cards = cards_for(session, acting) if acting else []
    return render(template, cards=cards)


def cards_for(session: Session, acting: Acting) -> list[Card]:
    """The cards of the home page of who acts for this, what is red before everything else."""
    brought: Any = in_use().bring("cards")
    cards = [card for cards in brought for card in cards(session, acting)]
    return sorted(cards, key=lambda card: card.urgency != "red")


def navigation_for(roles: frozenset[Role], path: str) -> list[tuple[Place, bool]]:
    """The places that somebody with these roles sees, each with whether `path` lies in it."""
    places: tuple[Place, ...] = (HOME, *in_use().bring("navigation"))
    return [(place, _is_within(path, place.path)) for place in places if roles & place.roles]


def waiting_at(place: Place) -> int:
    """How much waits at a place for whoever this page is for; a page does not fail because it cannot be counted."""
    acting = own_acting()
    if acting is None or place.waiting is None:
        return 0
    try:
        with database().read() as session:
            return place.waiting(session, acting)
    except SQLAlchemyError:
        return 0


def _is_within(path: str, place: str) -> bool:
    return path == place or (place != "/" and path.startswith(f"{place}/"))
