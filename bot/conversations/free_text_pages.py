"""Writing to one person in one's own words: the form, how it will read and what was checked, and letting it go."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, request
from sqlmodel import Session
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_practice_id, own_roles
from bot.attention.reasons import in_short
from bot.conversations.answering import ANSWERS, MOVED_ON, also_done, moved_on
from bot.conversations.free_texts import (
    FreeText,
    Typed,
    ask_for_free_text,
    find_free_text,
    find_reader,
    preview_own_words,
    written_in_english,
)
from bot.conversations.inbox import InboxEntry, find_item
from bot.conversations.letting_go import send_free_text, send_own_words
from bot.conversations.own_words import MOST_PARTS
from bot.conversations.thread import Thread, read_thread
from bot.conversations.when_it_goes import on_its_way, when_it_goes
from bot.messaging.outbox import OwnWords
from bot.organisations.free_text import switch_free_text
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.messaging import Message
from bot.tables.organisations import Practice
from bot.texts.languages import LANGUAGES
from bot.texts.parts import PENCE_PER_PART
from bot.translation.judging import LONGEST_TEXT
from bot.translation.requests import ENGLISH, is_for_tests
from bot.web import SUCCESS, database, here, render, settings

blueprint = Blueprint("free_text", __name__)
SLOW, VERY_SLOW = 15, 120
"""Seconds after which the page says that a translation takes long, and that it may never come."""
_for_practice = for_roles(Role.PRACTICE, Role.LEAD)

HELD: Mapping[str, str] = {
    "slots": "Names, phone numbers and dates came through as you wrote them.",
    "numbers": "The numbers and times are the same.",
    "keyword": "Words such as only, before, stop and emergency are still there.",
    "copy": "It is translated, not copied.",
    "script": "It is written in the right letters.",
    "language": "It reads as the right language.",
    "length": "Nothing was left out or added, as far as its length shows.",
    "repetition": "No word is said over and over.",
    "junk": "There is nothing odd in it.",
    "negation": "What you say no to still says no.",
    "round-trip": "Translated back, it says much the same.",
    "score": "The computer was sure enough of it.",
}
"""What each check found when it holds, in the words of the page."""


@blueprint.get("/inbox/<int:item_id>/free-text")
@_for_practice
def write(item_id: int) -> Response:
    """The form; ?from= fills in the words of an earlier try."""
    return _write_page(item_id)


@blueprint.post("/inbox/<int:item_id>/free-text")
@_for_practice
def look(item_id: int) -> Response:
    """Have the words translated, or show them to their sender where the person reads English; nothing is sent."""
    try:
        if _reads_english(item_id):
            return _english_page(item_id)
        number = ask_for_free_text(database(), settings(), item_id, own_practice_id(), _typed(), own_actor())
    except Refused as refused:
        return _write_page(item_id, 400, refused)
    return redirect(here(f"/inbox/{item_id}/free-text/{number}"), 303)


@blueprint.post("/inbox/<int:item_id>/free-text/send")
@_for_practice
def send_english(item_id: int) -> Response:
    """Send words to a reader of English."""
    to = (database(), settings(), item_id, own_practice_id())
    try:
        sent = send_own_words(
            *to, _typed(), own_actor(), read=_ticked(), shown=_shown(), finish=_finish(), also=_also()
        )
    except Refused as refused:
        page = _english_page if refused.code in ("not-read", "reads-otherwise") else _write_page
        return page(item_id, 409, refused)
    return _gone(item_id, sent)


@blueprint.get("/inbox/<int:item_id>/free-text/<int:number>")
@_for_practice
def result(item_id: int, number: int) -> Response:
    """What became of the words: how they will read, what they say translated back, and every check."""
    return _result_page("conversations/free-text.html", item_id, number)


@blueprint.get("/inbox/<int:item_id>/free-text/<int:number>/fresh")
@_for_practice
def result_fragment(item_id: int, number: int) -> Response:
    """The part of that page that changes once the translation is there, for its script."""
    return _result_page("conversations/_free_text.html", item_id, number)


@blueprint.post("/inbox/<int:item_id>/free-text/<int:number>/send")
@_for_practice
def send(item_id: int, number: int) -> Response:
    """Let the translation go."""
    to = (database(), settings(), item_id, own_practice_id(), number)
    try:
        sent = send_free_text(*to, own_actor(), read=_ticked(), shown=_shown(), finish=_finish(), also=_also())
    except Refused as refused:
        told = None if refused.code == MOVED_ON else refused  # the page itself says so, with what is new
        return _result_page("conversations/free-text.html", item_id, number, 409, told)
    return _gone(item_id, sent)


@blueprint.get("/free-text")
@for_roles(Role.LEAD)
def own_words_page() -> Response:
    """Where a lead switches texts in own words on for the practice."""
    with database().read() as session:
        practice = session.get_one(Practice, own_practice_id())
    return render("conversations/free-text-switch.html", practice=practice, live=settings().live)


@blueprint.post("/free-text")
@for_roles(Role.LEAD)
def switch() -> Response:
    """Switch them on or off."""
    on = request.form.get("to") == "on"
    with database().read() as session:
        code = session.get_one(Practice, own_practice_id()).code
    switch_free_text(database(), code, own_actor(), on=on)
    flash(f"Texts in own words are switched {'on' if on else 'off'}.", SUCCESS)
    return redirect(here("/free-text"), 303)


def _typed() -> Typed:
    form = request.form
    return Typed(form.get("words", ""), form.get("seen", default=0, type=int), form.get("when") == "now")


def _ticked() -> bool:
    return request.form.get("read") == "yes"


def _shown() -> str:
    return request.form.get("shown", "")


def _finish() -> bool:
    return request.form.get("then") == "done"


def _also() -> list[int]:
    return request.form.getlist("also", type=int)


def _gone(item_id: int, sent: Message) -> Response:
    told = on_its_way("Your text", settings(), at_once=sent.at_once_until is not None)
    flash(told + (" The item is done." if _finish() else ""), SUCCESS)
    return redirect(here("/inbox" if _finish() else f"/inbox/{item_id}"), 303)


def _reads_english(item_id: int) -> bool:
    """:raises Refused: no words of one's own may go to the person of the item."""
    with database().read() as session:
        entry = find_item(session, own_practice_id(), item_id) or abort(404)
        return not find_reader(session, settings(), session.get_one(Practice, own_practice_id()), entry).by_machine


def _write_page(item_id: int, status: int = 200, refused: Refused | None = None) -> Response:
    with database().read() as session:
        shown = _around(session, item_id)
        typed = _typed() if request.method == "POST" else _earlier(session, shown["practice"], item_id)
        if refused and refused.code == MOVED_ON:
            shown |= _since(session, shown["thread"], typed.seen)
    is_lead = Role.LEAD in own_roles()
    return render("conversations/free-text-write.html", status, refused=refused, typed=typed, is_lead=is_lead, **shown)


def _earlier(session: Session, practice: Practice, item_id: int) -> Typed:
    number = request.args.get("from", type=int)
    found = find_free_text(session, settings(), practice, item_id, number) if number else None
    return Typed(found.translation.source, at_once=found.request.at_once) if found else Typed("")


def _english_page(item_id: int, status: int = 200, refused: Refused | None = None) -> Response:
    """How the words will read.

    :raises Refused: they may not be sent.
    """
    with database().read() as session:
        shown = _around(session, item_id)
        words = preview_own_words(session, settings(), shown["practice"], shown["entry"], _typed())
    address = here(f"/inbox/{item_id}/free-text/send")
    return render(
        "conversations/free-text.html",
        status,
        refused=refused,
        found=None,
        typed=_typed(),
        address=address,
        **_in_parts(words),
        **shown,
    )


def _result_page(
    template: str, item_id: int, number: int, status: int = 200, refused: Refused | None = None
) -> Response:
    with database().read() as session:
        shown = _around(session, item_id)
        found = find_free_text(session, settings(), shown["practice"], item_id, number) or abort(404)
        trial = is_for_tests(session, ENGLISH, found.translation.target_language)
        if not (found.sent or found.waiting):
            shown |= _since(session, shown["thread"], found.request.seen)
    return render(
        template,
        status,
        refused=refused,
        found=found,
        typed=Typed(found.translation.source, shown["seen"], found.request.at_once),
        address=here(f"/inbox/{item_id}/free-text/{number}/send"),
        **_checked(found),
        **shown,
        trial=trial,
    )


def _checked(found: FreeText) -> dict[str, Any]:
    ready = _in_parts(found.ready.words) if found.ready else {"sent": None}
    wrote_to = LANGUAGES[found.translation.target_language]
    return ready | {"held": HELD, "target": wrote_to, "slow": found.seconds > SLOW, "lost": found.seconds > VERY_SLOW}


def _in_parts(words: OwnWords) -> dict[str, Any]:
    goes = partial(when_it_goes, settings())
    return {"sent": words, "pounds": words.parts * PENCE_PER_PART / 100, "when_it_goes": goes}


def _around(session: Session, item_id: int) -> dict[str, Any]:
    """The conversation a text belongs to, who reads it, and what can be done in its place."""
    entry = find_item(session, own_practice_id(), item_id) or abort(404)
    practice = session.get_one(Practice, own_practice_id())
    thread = read_thread(session, own_practice_id(), entry)
    return _offer(session, practice, entry) | {
        "entry": entry,
        "practice": practice,
        "thread": thread,
        "seen": thread.newest_message,
        "theirs": _last_of_theirs(thread),
        "also": [place.entry.item for place in thread.places if place.entry.item.id in _settled(thread, entry)],
        "answers": ANSWERS,
        "in_short": in_short,
        "news": (),
        "moved_on": None,
        "english_of": {},
        "longest": LONGEST_TEXT,
        "most_parts": MOST_PARTS,
    }


def _offer(session: Session, practice: Practice, entry: InboxEntry) -> dict[str, Any]:
    try:
        return {"reader": find_reader(session, settings(), practice, entry), "kept_back": None}
    except Refused as refused:
        return {"reader": None, "kept_back": refused}


def free_text_beside(session: Session, practice: Practice, entry: InboxEntry, thread: Thread) -> dict[str, Any]:
    """What the page of an item says of texts in own words: whether one may be written, and what was."""
    offer = _offer(session, practice, entry)
    ours = [turn.bubble.message.id or 0 for turn in thread.turns if not turn.bubble.theirs]
    return {
        "own_words": offer["reader"],
        "own_words_kept": offer["kept_back"],
        "english_of": written_in_english(session, ours),
    }


def _settled(thread: Thread, entry: InboxEntry) -> Collection[int]:
    return also_done((place.entry for place in thread.places), entry.item.id or 0)


def _since(session: Session, thread: Thread, seen: int) -> dict[str, Any]:
    """What has come or gone in a conversation since somebody read it, and that nothing is sent before it is read."""
    news = [turn.bubble for turn in thread.turns if (turn.bubble.message.id or 0) > seen]
    ours = [bubble.message.id or 0 for bubble in news if not bubble.theirs]
    return {"news": news, "moved_on": moved_on() if news else None, "english_of": written_in_english(session, ours)}


def _last_of_theirs(thread: Thread) -> Message | None:
    theirs = [turn.bubble.message for turn in thread.turns if turn.bubble.theirs]
    return theirs[-1] if theirs else None
