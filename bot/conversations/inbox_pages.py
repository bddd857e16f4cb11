"""The inbox: the list, one item with its conversation, an answer looked at before it goes, and done."""

from datetime import date, time
from typing import Any

from flask import Blueprint, abort, flash, redirect, request
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_practice_id
from bot.attention.escalation import mark_seen
from bot.attention.reasons import INTENTS, STATES, WISHES, in_words, why_it_is_here
from bot.conversations.about_people_pages import about_people
from bot.conversations.actions import act_on, actions
from bot.conversations.answering import (
    ANSWERS,
    AnswerPreview,
    Draft,
    language_of,
    preview_answer,
    send_answer,
    why_no_text_may_go,
)
from bot.conversations.inbox import Bubble, InboxEntry, conversation, find_item, finish_item, list_items, opt_out_scope
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.organisations import Practice
from bot.texts.languages import LANGUAGES, WORDED
from bot.web import SUCCESS, database, here, one_page, page_number, render, settings

blueprint = Blueprint("inbox", __name__)
ITEMS_PER_PAGE = 50
_for_practice = for_roles(Role.PRACTICE, Role.LEAD)


@blueprint.get("/inbox")
@_for_practice
def inbox() -> Response:
    """What waits for a person, or with ?state=done what was dealt with."""
    return _list_page("conversations/inbox.html")


@blueprint.get("/inbox/list")
@_for_practice
def list_fragment() -> Response:
    """The part of the page that moves, for its script."""
    return _list_page("conversations/_inbox.html")


def _list_page(template: str) -> Response:
    state = "done" if request.args.get("state") == "done" else "open"
    number = page_number()
    offset = (number - 1) * ITEMS_PER_PAGE
    with database().read() as session:
        entries = list_items(session, own_practice_id(), state=state, offset=offset, limit=ITEMS_PER_PAGE + 1)
    return render(template, page=one_page(entries, number, ITEMS_PER_PAGE), state=state, **_words())


@blueprint.get("/inbox/<int:item_id>")
@_for_practice
def item(item_id: int) -> Response:
    """One item with the conversation of its phone; whoever opens it first is noted."""
    page = _item_page(item_id)
    mark_seen(database(), item_id, own_practice_id(), own_actor())
    return page


@blueprint.post("/inbox/<int:item_id>/preview")
@_for_practice
def preview(item_id: int) -> Response:
    """Show how an answer will read, in their language and in English; nothing is sent yet."""
    try:
        draft = _draft_of_form()
        with database().read() as session:
            composed = preview_answer(session, settings(), own_practice_id(), draft)
    except Refused as refused:
        return _item_page(item_id, 400, refused=refused)
    return _item_page(item_id, draft=draft, preview=composed)


@blueprint.post("/inbox/<int:item_id>/answer")
@_for_practice
def answer(item_id: int) -> Response:
    """Send the answer that was looked at."""
    finish = request.form.get("then") == "done"
    try:
        send_answer(database(), settings(), item_id, own_practice_id(), _draft_of_form(), own_actor(), finish=finish)
    except Refused as refused:
        return _item_page(item_id, 409, refused=refused)
    flash("Your answer is on its way." + (" The item is done." if finish else ""), SUCCESS)
    return redirect(here("/inbox" if finish else f"/inbox/{item_id}"), 303)


@blueprint.post("/inbox/<int:item_id>/done")
@_for_practice
def done(item_id: int) -> Response:
    """Mark an item as done."""
    try:
        finish_item(database(), item_id, own_practice_id(), own_actor())
    except Refused as refused:
        return _item_page(item_id, 409, refused=refused)
    flash("Marked as done.", SUCCESS)
    return redirect(here("/inbox"), 303)


@blueprint.post("/inbox/<int:item_id>/<action>")
@_for_practice
def act(item_id: int, action: str) -> Response:
    """Do what a capability offers to do about an item, and mark it as done."""
    found = actions().get(action) or abort(404)
    try:
        act_on(database(), settings(), item_id, own_practice_id(), found, own_actor())
    except Refused as refused:
        return _item_page(item_id, 409, refused=refused)
    flash(found.done, SUCCESS)
    return redirect(here("/inbox"), 303)


def _item_page(
    item_id: int,
    status: int = 200,
    *,
    refused: Refused | None = None,
    draft: Draft | None = None,
    preview: AnswerPreview | None = None,
) -> Response:
    practice_id = own_practice_id()
    with database().read() as session:
        entry = find_item(session, practice_id, item_id) or abort(404)
        bubbles = conversation(session, practice_id, entry.item)
        scope = opt_out_scope(session, practice_id, entry)
        no_text = why_no_text_may_go(session, practice_id, entry)
        practice = session.get_one(Practice, practice_id)
        people = about_people(session, practice_id, entry)
        offered = {name: each.offers(session, settings(), practice, entry) for name, each in actions().items()}
    return render(
        "conversations/item.html",
        status,
        entry=entry,
        bubbles=bubbles,
        opted_out=scope,
        no_text=no_text,
        offered={name: offer for name, offer in offered.items() if offer},
        refused=refused,
        draft=draft or _first_draft(entry, bubbles),
        preview=preview,
        **people,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "reason": why_it_is_here,
        "intent": lambda code: in_words(INTENTS, code),
        "state_of": lambda code: in_words(STATES, code),
        "wishes": WISHES,
        "languages": LANGUAGES,
        "worded": WORDED,
        "answers": ANSWERS,
    }


def _first_draft(entry: InboxEntry, bubbles: list[Bubble]) -> Draft:
    wrote_in = [bubble.reading.language for bubble in bubbles if bubble.reading and bubble.reading.language]
    seen = max((bubble.message.id or 0 for bubble in bubbles), default=0)
    return Draft("staff-will-call", language_of(entry, wrote_in[-1] if wrote_in else None), seen=seen)


def _draft_of_form() -> Draft:
    form = request.form
    language = form.get("language") or None
    if language not in (None, *LANGUAGES):
        raise Refused("unknown-language", "Choose one of the languages.")
    return Draft(
        key=form.get("key", ""),
        language=language,
        day=_day(form.get("day", "")),
        clock=_clock(form.get("clock", "")),
        at_once=form.get("when") == "now",
        seen=form.get("seen", default=0, type=int),
    )


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise Refused("bad-date", "Enter the day as a date, such as 3 December 2026.") from None


def _clock(written: str) -> time | None:
    try:
        return time.fromisoformat(written) if written else None
    except ValueError:
        raise Refused("bad-time", "Enter the time with hours and minutes, such as 14:30.") from None
