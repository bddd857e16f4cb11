"""Reading, approving and mending the wordings of texts, a language after another."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from bot.accounts.access import for_roles, own_account, own_actor, own_roles
from bot.capability import in_use
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.texts.catalogue import catalogue
from bot.texts.check import ALL_LANGUAGES
from bot.texts.languages import LANGUAGES
from bot.texts.parts import count_parts
from bot.texts.wording import with_examples
from bot.web import SUCCESS, as_csv, counted, database, render, settings, takes_up_to
from bot.wording.approvals import Approved, approve_wordings, withdraw_approval
from bot.wording.asking import text_in_words
from bot.wording.composing import ENGLISH
from bot.wording.drafting import LONGEST_REASON, HasFaults, reject_wording, write_draft
from bot.wording.history import change_of_source, history_of, last_turned_down, names_of
from bot.wording.po_files import LARGEST_PO, PoImport, export_po, import_po
from bot.wording.rights import APPROVE, WRITE
from bot.wording.standing import Standing, WordingState, read_standing, read_standings
from bot.wording.turning_back import ask_to_turn_back, turned_back
from bot.wording.waiting import languages_by_people, next_to_read, people_by_language, people_waiting
from bot.wording.words.standing import TITLES, words_that_wait

blueprint = Blueprint("wording", __name__, url_prefix="/texts")
_ROOM_FOR_OTHER_FIELDS = 64 * 1024
_readers = for_roles(Role.REVIEWER, Role.LEAD, Role.ADMIN)
_approvers = for_roles(Role.REVIEWER, Role.LEAD)

STATE_WORDS = {
    WordingState.APPROVED: "Approved",
    WordingState.ONE_MORE: "One more person is needed",
    WordingState.CHANGED: "English changed since it was approved",
    WordingState.DRAFT: "Draft, not read yet",
    WordingState.FAULTY: "Has a fault, cannot be approved",
    WordingState.REJECTED: "Turned down, a new one is needed",
    WordingState.MISSING: "No wording, goes in English",
}
STATE_COLOURS = {
    WordingState.APPROVED: "green",
    WordingState.ONE_MORE: "blue",
    WordingState.CHANGED: "orange",
    WordingState.DRAFT: "yellow",
    WordingState.FAULTY: "red",
    WordingState.REJECTED: "red",
    WordingState.MISSING: "grey",
}
KIND_WORDS = {
    "emergency": "Sent at once, always, also to somebody who wants no texts.",
    "receipt": "Sent at once, to say that what the person asked for is done.",
    "answer": "Sent in answer to what a person wrote.",
    "question": "Asks a person something; they answer with a number.",
    "notice": "Tells a person something, in the hours in which texts go.",
    "reminder": "Reminds a person of what they have booked.",
    "alert": "Sent at once to people who work with us, such as interpreters, in English.",
    "outreach": "Invites people who have not asked for it.",
    "line": "A line that stands under another text.",
    "page": "Words on a public page; no phone gets them.",
}


@blueprint.get("")
@_readers
def languages_page() -> Response:
    """Every language, those that most people wait for first."""
    with database().read() as session:
        lines = languages_by_people(session)
        return render("wording/languages.html", lines=lines)


@blueprint.get("/languages.csv")
@_readers
def languages_csv() -> Response:
    """The same as a spreadsheet."""
    with database().read() as session:
        rows = [
            (line.name, line.tag, *map(str, (line.people, line.waiting, line.approved, line.missing)))
            for line in languages_by_people(session)
        ]
    return as_csv("texts.csv", ("Language", "Tag", "People", "To be read", "Approved", "Without wording"), rows)


@blueprint.get("/<tag>")
@_readers
def language_page(tag: str) -> Response:
    """Every text in a language, and how it stands."""
    return _language_page(tag)


def _language_page(tag: str, refused: Refused | None = None, result: PoImport | None = None) -> Response:
    language = _known_language(tag)
    with database().read() as session:
        people = people_by_language(session)
        standings = read_standings(session, [tag])
        first = next_to_read(standings, own_account().id) if _approves() else None
        return render(
            "wording/language.html",
            400 if refused else 200,
            language=language,
            people=people[tag],
            standings=sorted(standings, key=lambda standing: standing.state == WordingState.MISSING),
            first=first,
            refused=refused,
            result=result,
            writes=_writes(),
            titles=TITLES,
            words_waiting=words_that_wait(session, own_account().id),
            **_words(),
        )


@blueprint.get("/<tag>/texts.csv")
@_readers
def language_csv(tag: str) -> Response:
    """The texts of a language as a spreadsheet."""
    language = _known_language(tag)
    with database().read() as session:
        people = people_by_language(session)
        rows = [
            (
                standing.text.key,
                standing.text.purpose,
                STATE_WORDS[standing.state],
                str(people_waiting(standing, people)),
                standing.text.source,
                standing.candidate.wording.body if standing.candidate else "",
            )
            for standing in read_standings(session, [tag])
        ]
    header = ("Text", "What for", "State", "People waiting", "English", language.english)
    return as_csv(f"texts-{tag}.csv", header, rows)


@blueprint.get("/<tag>/texts.po")
@_readers
def language_po(tag: str) -> Response:
    """The wordings of a language for Weblate or Poedit."""
    _known_language(tag)
    with database().read() as session:
        content, _ = export_po(session, tag)
    answer = Response(content, mimetype="text/x-gettext-translation; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="texts-{tag}.po"'
    return answer


@blueprint.post("/<tag>/import")
@_readers
@takes_up_to(LARGEST_PO + _ROOM_FOR_OTHER_FIELDS)
def import_file(tag: str) -> Response:
    """Keep the wordings of a PO file as drafts, and say what became of each."""
    _known_language(tag)
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Refused("no-file", "Choose the PO file.")
        result = import_po(database(), file.stream.read(LARGEST_PO + 1), own_actor(), tag)
    except Refused as refused:
        return _language_page(tag, refused)
    return _language_page(tag, result=result)


@blueprint.get("/<tag>/<key>")
@_readers
def text_page(tag: str, key: str) -> Response:
    """One text in one language: the English, the wording, what is to be decided, and what was."""
    if key in catalogue() and tag in ALL_LANGUAGES:
        ask_to_turn_back(database(), settings(), key, tag)
    return _text_page(tag, key)


def _text_page(tag: str, key: str, refused: Refused | None = None, form: str = "") -> Response:
    language = _known_language(tag)
    if key not in catalogue():
        abort(404)
    with database().read() as session:
        standing = read_standing(session, key, tag)
        return render(
            "wording/text.html",
            400 if refused else 200,
            language=language,
            standing=standing,
            state=standing.state,
            shown=_shown(standing),
            last_words=last_turned_down(standing),
            turned_back=turned_back(session, standing),
            english=with_examples(standing.text, ENGLISH, standing.text.source),
            people=people_by_language(session)[tag],
            used_for=_used_for(key),
            kind=KIND_WORDS[standing.text.kind],
            change=change_of_source(session, standing),
            names=names_of(session, standing),
            history=history_of(session, standing),
            following=_following(session, standing),
            refused=refused,
            form=form,
            entered=request.form,
            approves=_approves(),
            writes=_writes() and tag != ENGLISH,
            own=standing.wrote(own_account().id),
            read_already=standing.has_read(own_account().id),
            longest_reason=LONGEST_REASON,
            **_words(),
        )


def _shown(standing: Standing) -> dict[str, Any] | None:
    """The wording to be read, its slots open and with the example values, and its parts."""
    if standing.candidate is None:
        return None
    body = standing.candidate.wording.body
    filled = with_examples(standing.text, standing.language, body)
    parts = count_parts(filled).parts
    return {"digest": standing.candidate.wording.digest, "body": body, "filled": filled, "parts": parts}


def _used_for(key: str) -> list[str]:
    """What people are invited to with this text."""
    return [purpose.title for purpose in in_use().bring("purposes") if key in purpose.texts.keys]


def _following(session: Session, standing: Standing) -> Standing | None:
    """The text that comes after this one, for who reads one after another."""
    if not _approves():
        return None
    following = next_to_read(read_standings(session, [standing.language]), own_account().id, standing.text.key)
    return following if following and following.text.key != standing.text.key else None


@blueprint.post("/<tag>/<key>/approve")
@_approvers
def approve(tag: str, key: str) -> AnyResponse:
    """Stand by the wording that was read, and go on to the next that waits."""
    done = approve_wordings(database(), [key], tag, own_account(), digest=request.form.get("digest", ""))
    flash(_approved(done, key), SUCCESS)
    return _go_on(tag, key)


def _approved(done: Approved, key: str) -> str:
    name = text_in_words(key)
    if key in done.needs:
        return f"You approved “{name}”. It goes out once another person has approved it too."
    return f"“{name}” is approved and goes out from now on."


def _go_on(tag: str, key: str) -> AnyResponse:
    with database().read() as session:
        following = next_to_read(read_standings(session, [tag]), own_account().id, key)
    if following is None:
        flash(f"You have read everything that waits for you in {LANGUAGES[tag].english}.", SUCCESS)
        return redirect(url_for("wording.language_page", tag=tag), 303)
    return redirect(url_for("wording.text_page", tag=tag, key=following.text.key), 303)


@blueprint.post("/<tag>/<key>/edit")
@_readers
def edit(tag: str, key: str) -> AnyResponse:
    """Keep another wording, which somebody else approves; with a fault it is shown again beside what is wrong."""
    return _done(
        tag,
        key,
        "edit",
        lambda: write_draft(database(), key, tag, request.form.get("body", ""), own_actor()),
        "Your wording is kept as a draft. Somebody else who reads the language approves it.",
    )


@blueprint.post("/<tag>/<key>/reject")
@_approvers
def reject(tag: str, key: str) -> AnyResponse:
    """Turn the wording down that was read, with a word why."""
    digest, why = request.form.get("digest", ""), request.form.get("why", "")
    return _done(
        tag,
        key,
        "why",
        lambda: reject_wording(database(), key, tag, digest, why, own_account()),
        "The wording is turned down. Whoever writes the next one sees why.",
    )


@blueprint.post("/<tag>/<key>/withdraw")
@_approvers
def withdraw(tag: str, key: str) -> AnyResponse:
    """Take back that people stand by it; nothing that is queued with it goes out."""
    return _done(
        tag,
        key,
        "withdraw",
        lambda: withdraw_approval(database(), key, tag, own_account()),
        "The approval is taken back. Nothing goes out in this wording any more.",
    )


def _done(tag: str, key: str, form: str, deed: Callable[[], object], words: str) -> AnyResponse:
    """Do it and say so; what is refused is said at its form, with what was entered."""
    _known_language(tag)
    if key not in catalogue():
        abort(404)
    try:
        deed()
    except Refused as refused:
        return _text_page(tag, key, refused, form)
    flash(words, SUCCESS)
    return redirect(url_for("wording.text_page", tag=tag, key=key), 303)


def _known_language(tag: str) -> Any:
    if tag not in ALL_LANGUAGES:
        abort(404)
    return LANGUAGES[tag]


def _approves() -> bool:
    return bool(own_roles() & APPROVE.roles)


def _writes() -> bool:
    return bool(own_roles() & WRITE.roles)


def _words() -> dict[str, Any]:
    return {
        "state_words": STATE_WORDS,
        "state_colours": STATE_COLOURS,
        "named": text_in_words,
        "counted": counted,
        "has_faults": lambda refused: isinstance(refused, HasFaults),
    }
