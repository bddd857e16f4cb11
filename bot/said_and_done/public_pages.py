"""`/done/<code>`: what came of a campaign, for everybody; no sign-in, no cookie, no script.

A page that was never published, one that was taken back and one in a language it does not have are all not found.
"""

import hashlib

from flask import Blueprint, Response, abort, request

from bot.accounts.access import public
from bot.said_and_done.page_words import keys_of, load_page_wordings, missing_words, say_page
from bot.said_and_done.publishing import published_page
from bot.texts.languages import LANGUAGES
from bot.web import database, render, settings
from bot.wording.composing import ENGLISH

blueprint = Blueprint("done", __name__, url_prefix="/done")
KEPT_BY_CACHES = 300
"""Seconds: a page that was taken back may still be read for as long as that."""


@blueprint.get("/<code>")
@public
def page_in_english(code: str) -> Response:
    """The page in English, with the way to every other language."""
    return _page(code, ENGLISH)


@blueprint.get("/<code>/<tag>")
@public
def page_in(code: str, tag: str) -> Response:
    """The page in another language."""
    return _page(code, tag)


def _page(code: str, tag: str) -> Response:
    with database().read() as session:
        content = published_page(session, code)
        if content is None:
            abort(404)
        keys = keys_of(content.told, content.changed)
        wordings = load_page_wordings(session, settings(), keys)
    said = say_page(content, wordings, tag)
    if said is None:
        abort(404)
    tags = [other for other, missing in missing_words(wordings, keys).items() if not missing]
    others = [(LANGUAGES[other], _path(code, other)) for other in tags if other != tag]
    address = f"{settings().base_url}{_path(code, tag)}"
    return _for_caches(
        render("said_and_done/page.html", content=content, said=said, others=others, address=address, preview=None)
    )


def _path(code: str, tag: str) -> str:
    return f"/done/{code}" if tag == ENGLISH else f"/done/{code}/{tag}"


def _for_caches(answer: Response) -> Response:
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_BY_CACHES}"
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest())
    answer.make_conditional(request)
    return answer
