"""One page."""

from flask import Blueprint, Response

from bot.accounts.access import for_roles
from bot.tables.accounts import Role

blueprint = Blueprint("tea", __name__)


@blueprint.get("/tea")
@for_roles(Role.LEAD)
def tea_page() -> Response:
    return Response("The kettle is on.", mimetype="text/plain")
