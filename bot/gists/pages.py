"""One press says that a machine's English is wrong, and another takes it back."""

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_practice_id
from bot.gists.reporting import report_gist
from bot.tables.accounts import Role
from bot.web import database, here

blueprint = Blueprint("gists", __name__)
_for_practice = for_roles(Role.PRACTICE, Role.LEAD)


@blueprint.post("/inbox/<int:item_id>/gists/<int:translation_id>/wrong")
@_for_practice
def wrong(item_id: int, translation_id: int) -> Response:
    """Say that it is wrong: colleagues see that somebody does, and it is counted."""
    return _report(item_id, translation_id, wrong=True)


@blueprint.post("/inbox/<int:item_id>/gists/<int:translation_id>/not-wrong")
@_for_practice
def not_wrong(item_id: int, translation_id: int) -> Response:
    """Take that back."""
    return _report(item_id, translation_id, wrong=False)


def _report(item_id: int, translation_id: int, *, wrong: bool) -> Response:
    report_gist(database(), translation_id, own_practice_id(), own_actor(), wrong=wrong)
    return redirect(here(f"/inbox/{item_id}#gist-{translation_id}"), 303)
