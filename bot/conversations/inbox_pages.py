"""The inbox: the list, one conversation with its items, an answer looked at before it goes, and what colleagues do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from itertools import groupby
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, request
from sqlmodel import Session
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_account_id, own_actor, own_practice_id
from bot.attention.duty_clock import times_told
from bot.attention.escalation import mark_seen
from bot.attention.reasons import (
    INTENTS,
    STATES,
    WISHES,
    concepts_in_words,
    in_short,
    in_words,
    reason_in_short,
    reason_words,
    why_it_is_here,
)
from bot.conversations.about_people_pages import about_people
from bot.conversations.actions import act_on, actions
from bot.conversations.answering import (
    ANSWERS,
    AnswerPreview,
    Draft,
    also_done,
    language_of,
    needs_day,
    preview_answer,
    send_answer,
    why_no_text_may_go,
)
from bot.conversations.free_text_pages import free_text_beside
from bot.conversations.gists import ask_for_english, gists_in
from bot.conversations.handling import (
    LONGEST_NOTE,
    DoneTogether,
    colleagues,
    finish_together,
    hand_item,
    note_item,
    reopen_item,
)
from bot.conversations.inbox import (
    LANGUAGE_TOLD,
    NO_LANGUAGE,
    InboxEntry,
    Wanted,
    find_item,
    finish_item,
    list_items,
    opt_out_scope,
    what_there_is,
)
from bot.conversations.languages_told import COLUMNS, languages_told
from bot.conversations.thread import Thread, read_thread
from bot.conversations.when_it_goes import on_its_way, when_it_goes
from bot.gists.showing import Reader, english_of
from bot.messaging.subjects import show_subject
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.organisations import Practice
from bot.texts.languages import LANGUAGES, WORDED, record_code
from bot.understanding.likely import LIKELY
from bot.web import SUCCESS, as_csv, counted, database, here, one_page, page_number, render, settings

blueprint = Blueprint("inbox", __name__)
ITEMS_PER_PAGE = 50
STATES_OF_ITEMS = {"open": "Open", "done": "Done", "all": "Open and done"}
EVERYBODY = "everybody"
WHOSE = {"mine": "Handed to me", "handed": "Handed to somebody", "nobody": "Handed to nobody"}
Value = TypeVar("Value", date, time)
_for_practice = for_roles(Role.PRACTICE, Role.LEAD)


@blueprint.get("/inbox")
@_for_practice
def inbox() -> Response:
    """What waits for a person; ?state=, ?reason=, ?language= and ?whose= narrow it down."""
    wanted = _wanted()
    with database().read() as session:
        reasons, languages = what_there_is(session, own_practice_id(), wanted.state)
    return _list_page("conversations/inbox.html", wanted, reasons=reasons, spoken=_by_name(languages))


@blueprint.get("/inbox/list")
@_for_practice
def list_fragment() -> Response:
    """The part of the page that moves, for its script."""
    return _list_page("conversations/_inbox.html", _wanted())


@blueprint.get("/inbox/languages.csv")
@_for_practice
def languages_csv() -> Response:
    """Who told us which language, with the code for the record, as a spreadsheet; ?state= as in the inbox."""
    with database().read() as session:
        told = languages_told(session, own_practice_id(), _wanted().state)
        return as_csv("languages.csv", COLUMNS, (one.as_row() for one in told))


def _wanted() -> Wanted:
    """What the address asks for; what it cannot mean asks for everything."""
    asked = request.args
    reason, language, whose = asked.get("reason"), asked.get("language"), asked.get("whose")
    return Wanted(
        state=asked["state"] if asked.get("state") in STATES_OF_ITEMS else "open",
        reason=reason if reason in reason_words() else None,
        language=language if language in (NO_LANGUAGE, *LANGUAGES) else None,
        whose=whose if whose in WHOSE else None,
        user_id=own_account_id(),
    )


def _query(wanted: Wanted) -> dict[str, str]:
    narrowed = {"reason": wanted.reason, "language": wanted.language, "whose": wanted.whose}
    return {"state": wanted.state} | {name: value for name, value in narrowed.items() if value}


def _by_name(languages: dict[str | None, int]) -> list[tuple[str, str, int]]:
    """Tag, name and number of each language there is, nobody knowing which coming last."""
    named = [(tag, LANGUAGES[tag].english, number) for tag, number in languages.items() if tag and tag in LANGUAGES]
    unknown = sum(number for tag, number in languages.items() if tag is None)
    return sorted(named, key=lambda each: each[1]) + ([(NO_LANGUAGE, "Not known", unknown)] if unknown else [])


def _list_page(template: str, wanted: Wanted, **more: Any) -> Response:
    number = page_number()
    offset = (number - 1) * ITEMS_PER_PAGE
    with database().read() as session:
        entries = list_items(session, own_practice_id(), wanted, offset=offset, limit=ITEMS_PER_PAGE + 1)
        message_ids = [entry.item.message_id for entry in entries if entry.item.message_id]
        english = english_of(session, message_ids, Reader(own_practice_id(), own_account_id()))
    page = one_page(entries, number, ITEMS_PER_PAGE)
    query = _query(wanted)
    shown: dict[str, Any] = {
        "page": page,
        "groups": _groups(page.rows),
        "wanted": wanted,
        "query": query,
        "whose": WHOSE,
    }
    more |= {"fresh": {**query, "page": number}, "english": english}
    return render(template, **shown, **more, **_words())


@dataclass(frozen=True)
class Group:
    """Neighbours in the list that are here for the same reason. `why` explains it, the first time on a page."""

    reason: str
    why: str | None
    entries: list[InboxEntry]


def _groups(entries: Iterable[InboxEntry]) -> list[Group]:
    groups: list[Group] = []
    for reason, run in groupby(entries, key=lambda entry: in_short(entry.item)):
        neighbours = list(run)
        told = any(group.reason == reason for group in groups)
        groups.append(Group(reason, None if told else why_it_is_here(neighbours[0].item), neighbours))
    return groups


@blueprint.post("/inbox/done")
@_for_practice
def done_together() -> Response:
    """Mark the ticked items as done, but for urgent ones."""
    item_ids = request.form.getlist("items", type=int)
    flash(_in_sentences(finish_together(database(), item_ids, own_practice_id(), own_actor())), SUCCESS)
    return redirect(f"{here('/inbox')}?{urlencode(_query(_wanted()))}", 303)


def _in_sentences(result: DoneTogether) -> str:
    sentences = [f"{counted(result.done, 'message is', 'messages are')} done."]
    if result.done_before:
        sentences.append(f"{counted(result.done_before, 'was', 'were')} done before you.")
    if result.left_urgent:
        sentences.append(f"{counted(result.left_urgent, 'is', 'are')} urgent and still open: open each by itself.")
    return " ".join(sentences)


@blueprint.get("/inbox/<int:item_id>")
@_for_practice
def item(item_id: int) -> Response:
    """One item in the conversation it belongs to; whoever opens it first is noted, on all that is open there."""
    return _item_page(item_id, opened=True)


@blueprint.post("/inbox/<int:item_id>/preview")
@_for_practice
def preview(item_id: int) -> Response:
    """Show how an answer will read, in their language and in English; nothing is sent yet."""
    try:
        draft = _draft_of_form()
        with database().read() as session:
            composed = preview_answer(session, settings(), own_practice_id(), draft)
    except Refused as refused:
        return _item_page(item_id, 400, refused=refused, draft=_as_typed())
    return _item_page(item_id, draft=draft, preview=composed)


@blueprint.post("/inbox/<int:item_id>/answer")
@_for_practice
def answer(item_id: int) -> Response:
    """Send the answer that was looked at."""
    finish = request.form.get("then") == "done"
    also = request.form.getlist("also", type=int)
    draft_of = (database(), settings(), item_id, own_practice_id())
    try:
        draft = _draft_of_form()
        send_answer(*draft_of, draft, own_actor(), finish=finish, also=also)
    except Refused as refused:
        return _item_page(item_id, 409, refused=refused)
    told = on_its_way("Your answer", settings(), at_once=draft.at_once)
    flash(told + (" The item is done." if finish else ""), SUCCESS)
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


@blueprint.post("/inbox/<int:item_id>/reopen")
@_for_practice
def reopen(item_id: int) -> Response:
    """Take back that an item is done."""
    try:
        reopen_item(database(), item_id, own_actor(), own_practice_id())
    except Refused as refused:
        return _item_page(item_id, 409, refused=refused)
    flash("It is open again.", SUCCESS)
    return redirect(here(f"/inbox/{item_id}"), 303)


@blueprint.post("/inbox/<int:item_id>/note")
@_for_practice
def note(item_id: int) -> Response:
    """Keep a note for colleagues."""
    try:
        note_item(database(), item_id, request.form.get("note", ""), own_actor(), own_practice_id())
    except Refused as refused:
        return _item_page(item_id, 409, refused=refused)
    flash("Your note is kept.", SUCCESS)
    return redirect(here(f"/inbox/{item_id}"), 303)


@blueprint.post("/inbox/<int:item_id>/hand")
@_for_practice
def hand(item_id: int) -> Response:
    """Hand an item to a colleague, or back to everybody."""
    to, was = request.form.get("to", type=int), request.form.get("was", type=int)
    try:
        if to is None and request.form.get("to") != EVERYBODY:
            raise Refused("nobody-chosen", "Choose who takes it on.")
        hand_item(database(), item_id, to, own_actor(), own_practice_id(), was=was)
    except Refused as refused:
        return _item_page(item_id, 409, refused=refused)
    flash("It is handed on." if to else "It is for everybody again.", SUCCESS)
    return redirect(here(f"/inbox/{item_id}"), 303)


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
    opened: bool = False,
    refused: Refused | None = None,
    draft: Draft | None = None,
    preview: AnswerPreview | None = None,
) -> Response:
    if opened:
        ask_for_english(database(), settings(), own_practice_id(), item_id)
    with database().read() as session:
        entry = find_item(session, own_practice_id(), item_id) or abort(404)
        thread = read_thread(session, own_practice_id(), entry)
        people = about_people(session, own_practice_id(), entry)
        shown = _around(session, entry, thread)
    if opened:
        _note_who_opened(thread)
    return render(
        "conversations/item.html",
        status,
        entry=entry,
        thread=thread,
        refused=refused,
        draft=draft or _first_draft(entry, thread),
        preview=preview,
        typed_note=request.form.get("note", ""),
        longest_note=LONGEST_NOTE,
        **people,
        **shown,
        **_words(),
    )


def _around(session: Session, entry: InboxEntry, thread: Thread) -> dict[str, Any]:
    """What the page of an item says and offers beside the conversation."""
    practice = session.get_one(Practice, own_practice_id())
    offered = {name: each.offers(session, settings(), practice, entry) for name, each in actions().items()}
    reader = Reader(own_practice_id(), own_account_id())
    gists = gists_in(session, settings(), entry, [turn.bubble for turn in thread.turns], reader)
    return {
        "gists": gists,
        "waits": any(gist.waits for gist in gists.values()),
        "duty_told": times_told(session, entry.item),
        "about": show_subject(session, entry.item.subject_kind, entry.item.subject_id),
        "opted_out": opt_out_scope(session, own_practice_id(), entry),
        "no_text": why_no_text_may_go(session, own_practice_id(), entry),
        "offered": {name: offer for name, offer in offered.items() if offer},
        "also": also_done((place.entry for place in thread.places), entry.item.id or 0),
        "colleagues": colleagues(session, practice),
        "own_id": own_account_id(),
        **free_text_beside(session, practice, entry, thread),
    }


def _note_who_opened(thread: Thread) -> None:
    """All that is open stands on the one page, so whoever opens it has opened all."""
    unseen = [place.entry.item for place in thread.places if place.entry.item.seen_at is None]
    still_open = [item.id or 0 for item in unseen if item.state == "open"]
    if still_open:
        mark_seen(database(), still_open, own_practice_id(), own_actor())


def _words() -> dict[str, Any]:
    return {
        "reason": why_it_is_here,
        "concepts": concepts_in_words,
        "in_short": in_short,
        "reason_in_short": reason_in_short,
        "intent": lambda code: in_words(INTENTS, code),
        "guessed": LIKELY,
        "state_of": lambda code: in_words(STATES, code),
        "states_of_items": STATES_OF_ITEMS,
        "wishes": WISHES,
        "languages": LANGUAGES,
        "language_told": LANGUAGE_TOLD,
        "record_code": record_code,
        "worded": WORDED,
        "answers": ANSWERS,
        "needs_day": needs_day,
        "when_it_goes": partial(when_it_goes, settings()),
    }


def _first_draft(entry: InboxEntry, thread: Thread) -> Draft:
    """Nothing is chosen, save by ?text=: what goes to a phone is somebody's choice."""
    asked = request.args.get("text", "")
    return Draft(asked if asked in ANSWERS else "", language_of(entry, thread.wrote_in), seen=thread.newest_message)


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


def _as_typed() -> Draft:
    """What was typed into the form, as far as it can be read, to be put right there."""
    form = request.form
    language = form.get("language")
    return Draft(
        key=form.get("key", ""),
        language=language if language in LANGUAGES else None,
        day=_readable(_day, form.get("day", "")),
        clock=_readable(_clock, form.get("clock", "")),
        at_once=form.get("when") == "now",
        seen=form.get("seen", default=0, type=int),
    )


def _readable(read: Callable[[str], Value | None], written: str) -> Value | None:
    try:
        return read(written)
    except Refused:
        return None


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
