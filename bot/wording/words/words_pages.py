"""The lists by which replies are understood, on the review pages: concepts with their words, and a box to try them."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.accounts.access import for_roles, own_account, own_roles
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.wording import WordChange, WordProposal, WordState
from bot.texts.check import ALL_LANGUAGES
from bot.texts.languages import LANGUAGES, Language
from bot.understanding.added import LISTS
from bot.understanding.tables import CONCEPTS, READ, as_shown, meanings, sentences_of
from bot.web import SUCCESS, counted, database, render
from bot.wording.drafting import LONGEST_REASON
from bot.wording.rights import APPROVE, WRITE
from bot.wording.words.deciding import agree_to_word, look_at, take_word_back, turn_word_down
from bot.wording.words.in_force import look_for_words
from bot.wording.words.lit import LEVELS, examples_of, lit_up
from bot.wording.words.proposing import LONGEST_WORD, propose_word, question_word
from bot.wording.words.standing import TITLES, ConceptRow, names_of_people, read_rows

blueprint = Blueprint("words", __name__, url_prefix="/texts")
_readers = for_roles(Role.REVIEWER, Role.LEAD, Role.ADMIN)
_approvers = for_roles(Role.REVIEWER, Role.LEAD)
LONGEST_TRIED = 480

STATES = {
    WordState.WAITING: ("Waits", "yellow"),
    WordState.AGREED: ("In use", "green"),
    WordState.TURNED_DOWN: ("Turned down", "red"),
    WordState.TAKEN_BACK: ("Taken back", "grey"),
}


@blueprint.get("/<tag>/words/<lists>")
@_readers
def lists_page(tag: str, lists: str) -> Response:
    """Every concept of a language with its words, and a box to try a sentence."""
    return _lists_page(tag, lists)


@blueprint.post("/<tag>/words/<lists>/try")
@_readers
def try_sentence(tag: str, lists: str) -> Response:
    """Show what is found in a sentence of one's own; it is read here and kept nowhere."""
    return _lists_page(tag, lists, request.form.get("sentence", "")[:LONGEST_TRIED].strip())


def _lists_page(tag: str, lists: str, tried: str = "") -> Response:
    language = _known(tag, lists)
    with database().read() as session:
        look_for_words(session)
        rows = read_rows(session, tag, lists)
        waiting = [proposal for row in rows for proposal in row.waiting]
        return render(
            "wording/words/lists.html",
            language=language,
            lists=lists,
            rows=rows,
            waiting=waiting,
            names=names_of_people(session, waiting),
            tried=tried,
            lit=lit_up(tried, tag, lists) if tried else None,
            longest_tried=LONGEST_TRIED,
            sentences=len(sentences_of(tag)),
            **_words(lists),
        )


@blueprint.get("/<tag>/words/<lists>/<concept>")
@_readers
def concept_page(tag: str, lists: str, concept: str) -> Response:
    """One concept of a language: its words, sentences that light up, and what a reader may change."""
    return _concept_page(tag, lists, concept)


def _concept_page(tag: str, lists: str, concept: str, refused: Refused | None = None, form: str = "") -> Response:
    language = _known(tag, lists)
    with database().read() as session:
        look_for_words(session)
        row = next((row for row in read_rows(session, tag, lists) if row.concept == concept), None)
        if row is None:
            abort(404)
        return render(
            "wording/words/concept.html",
            400 if refused else 200,
            language=language,
            lists=lists,
            row=row,
            names=names_of_people(session, row.waiting),
            examples=examples_of(tag, lists, concept),
            sentences=len(sentences_of(tag)),
            questionable=_questionable(row),
            refused=refused,
            form=form,
            entered=request.form,
            writes=_writes(),
            longest_word=LONGEST_WORD,
            longest_reason=LONGEST_REASON,
            **_words(lists),
        )


def _questionable(row: ConceptRow) -> list[tuple[str, str]]:
    """The words of the files that nobody has called wrong yet, by how they are shown."""
    words = [(one.entry, one.shown) for one in row.entries if not one.added and not one.questioned]
    return sorted(words, key=lambda word: word[1])


@blueprint.post("/<tag>/words/<lists>/<concept>/propose")
@_readers
def propose(tag: str, lists: str, concept: str) -> AnyResponse:
    """Propose a word for a concept; a second reader looks at what it does."""

    def deed() -> WordProposal:
        return propose_word(
            database(),
            tag,
            lists,
            concept,
            request.form.get("word", ""),
            own_account(),
            whole=request.form.get("how") == "alone",
        )

    words = "Your word is proposed. It is used once somebody else who reads the language agrees to it."
    return _asked(tag, lists, concept, "word", deed, words)


@blueprint.post("/<tag>/words/<lists>/<concept>/wrong")
@_readers
def wrong(tag: str, lists: str, concept: str) -> AnyResponse:
    """Say that a word of a concept is wrong, and why."""

    def deed() -> WordProposal:
        entry, why = request.form.get("entry", ""), request.form.get("why", "")
        return question_word(database(), tag, lists, concept, entry, why, own_account())

    words = "Thank you. The word goes on being used until a new version of the service comes without it."
    return _asked(tag, lists, concept, "why", deed, words)


def _asked(tag: str, lists: str, concept: str, form: str, deed: Callable[[], WordProposal], words: str) -> AnyResponse:
    """Do it and show the concept again; what is refused is said at its form, with what was entered."""
    _known(tag, lists)
    if concept not in CONCEPTS[lists]:
        abort(404)
    try:
        deed()
    except Refused as refused:
        return _concept_page(tag, lists, concept, refused, form)
    flash(words, SUCCESS)
    return redirect(url_for("words.concept_page", tag=tag, lists=lists, concept=concept), 303)


@blueprint.get("/word/<int:word_id>")
@_readers
def word_page(word_id: int) -> Response:
    """One proposed word: what it does to the sentences of its language, and what is to be decided."""
    return _word_page(word_id)


def _word_page(word_id: int, refused: Refused | None = None, form: str = "") -> Response:
    try:
        looked = look_at(database(), word_id)
    except Refused:
        abort(404)
    proposal, tag = looked.proposal, looked.proposal.language
    with database().read() as session:
        return render(
            "wording/words/word.html",
            400 if refused else 200,
            language=LANGUAGES[tag],
            lists=proposal.lists,
            proposal=proposal,
            effect=looked.effect,
            edition=looked.edition,
            levels=LEVELS,
            names=names_of_people(session, [proposal]),
            refused=refused,
            form=form,
            entered=request.form,
            approves=_approves(),
            own=proposal.proposed_by == own_account().id,
            longest_reason=LONGEST_REASON,
            removal=proposal.change == WordChange.REMOVE,
            **_words(proposal.lists),
        )


@blueprint.post("/word/<int:word_id>/agree")
@_approvers
def agree(word_id: int) -> AnyResponse:
    """Read replies with the word from now on."""
    edition, weighed = request.form.get("edition", ""), request.form.get("weighed") == "yes"
    words = "Replies are read with this word from now on."
    return _decided(
        word_id, "agree", lambda: agree_to_word(database(), word_id, own_account(), edition, weighed=weighed), words
    )


@blueprint.post("/word/<int:word_id>/turn-down")
@_approvers
def turn_down(word_id: int) -> AnyResponse:
    """Decide against it, with a word why."""
    why = request.form.get("why", "")
    words = "It is turned down. Whoever proposed it sees why."
    return _decided(word_id, "why", lambda: turn_word_down(database(), word_id, why, own_account()), words)


@blueprint.post("/word/<int:word_id>/take-back")
@_readers
def take_back(word_id: int) -> AnyResponse:
    """Take back one's own proposal, or a word that is in use."""
    words = "It is taken back. Replies are read without it from now on."
    return _decided(word_id, "take-back", lambda: take_word_back(database(), word_id, own_account()), words)


def _decided(word_id: int, form: str, deed: Callable[[], WordProposal], words: str) -> AnyResponse:
    try:
        deed()
    except Refused as refused:
        return _word_page(word_id, refused, form)
    flash(words, SUCCESS)
    return redirect(url_for("words.word_page", word_id=word_id), 303)


def _known(tag: str, lists: str) -> Language:
    if tag not in ALL_LANGUAGES or lists not in READ:
        abort(404)
    return LANGUAGES[tag]


def _approves() -> bool:
    return bool(own_roles() & APPROVE.roles)


def _writes() -> bool:
    return bool(own_roles() & WRITE.roles)


def _words(lists: str) -> dict[str, Any]:
    return {
        "title": TITLES[lists],
        "others": {other: title for other, title in TITLES.items() if other != lists},
        "meanings": meanings(lists),
        "as_shown": partial(as_shown, lists),
        "adds": lists in LISTS,
        "states": STATES,
        "counted": counted,
    }
