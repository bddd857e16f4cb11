"""The pages on which something is tried, such as a password: what was wrong, or how long to wait."""

from typing import Any

from flask import Response

from bot.accounts.tries import TooManyTries
from bot.refusals import Refused
from bot.web import render


def render_tried(template: str, refused: Refused | None, **context: Any) -> Response:
    """A page that asks for something secret; 400 when it was wrong, 429 and how long to wait when it was too soon."""
    too_soon = refused if isinstance(refused, TooManyTries) else None
    answer = render(template, 429 if too_soon else 400 if refused else 200, refused=refused, **context)
    if too_soon:
        answer.headers["Retry-After"] = str(too_soon.seconds)
    return answer
