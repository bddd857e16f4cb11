"""Proposing a word for a list of a language, and saying that one is wrong."""

import re
import unicodedata
from collections.abc import Sequence

from sqlmodel import Session, select

from bot.audit import record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.tables.accounts import UserAccount, actor_of
from bot.tables.wording import WordChange, WordProposal, WordState
from bot.texts.check import ALL_LANGUAGES
from bot.texts.languages import LANGUAGES
from bot.understanding.added import LISTS, Word
from bot.understanding.normalise import HAN, normalise
from bot.understanding.scripts import script_of, scripts_written
from bot.understanding.tables import CONCEPTS, READ, as_shown, entries_of, key_of
from bot.wording.drafting import reason_of
from bot.wording.rights import require_may_write, subject_of_word

LONGEST_WORD, MOST_WORDS = 40, 4
_SHORTEST, _SHORTEST_BEGINNING = 2, 3
_OF_WORDS = re.compile(r"[^\W_]+(?:[ '’\-\u200c\u200d]+[^\W_]+)*")
_MANY_DIGITS = re.compile(r"\d{3}")
_OPEN = (WordState.WAITING, WordState.AGREED)
_LATIN = "Latn"


def propose_word(
    db: Database, tag: str, lists: str, concept: str, written: str, account: UserAccount, *, whole: bool
) -> WordProposal:
    """Keep a word that stands for a concept, until a second reader has looked at it.

    :param whole: that word alone is meant, and not any word that begins so.
    :raises Refused: no such list; no word, or none that a list could have; it is there or proposed already.
    """
    require_list(tag, lists, concept)
    entry = entry_from(written, tag, whole=whole)
    _refuse_listed(Word(tag, lists, concept, entry))
    return _keep(db, Word(tag, lists, concept, entry), WordChange.ADD, None, account)


def question_word(
    db: Database, tag: str, lists: str, concept: str, entry: str, why: str, account: UserAccount
) -> WordProposal:
    """Keep that a word of a file is wrong, with the reason; it is taken away with a release.

    :raises Refused: no such list or word; no reason, or one that names a person; somebody has said so already.
    """
    require_list(tag, lists, concept, READ)
    if entry not in entries_of(lists, tag)[concept]:
        raise Refused("unknown-word", "That word is not in the list any more. Look at the list as it is now.")
    return _keep(db, Word(tag, lists, concept, entry), WordChange.REMOVE, reason_of(why), account)


def require_list(tag: str, lists: str, concept: str, among: Sequence[str] = LISTS) -> None:
    """:raises Refused: no such language, concept, or list among these."""
    if tag not in ALL_LANGUAGES or lists not in among or concept not in CONCEPTS[lists]:
        raise Refused("unknown-list", "There is no such list of words.")


def entry_from(written: str, tag: str, *, whole: bool) -> str:
    """What somebody typed, as a file has it: small letters, one space between words, "=" before a last word alone.

    :raises Refused: no word, too short or too long, other signs than letters, or letters of another language.
    """
    entry = " ".join(unicodedata.normalize("NFC", written).lower().split())
    _refuse_unreadable(entry)
    _refuse_foreign(entry, tag)
    plain = normalise(entry)
    if not HAN.search(entry):
        _refuse_short(plain, whole=whole)
    *first, last = entry.split()
    return " ".join([*first, f"={last}" if whole else last])


def _refuse_unreadable(entry: str) -> None:
    if not entry or not normalise(entry):
        raise Refused("needs-word", "Type the word.")
    if len(entry) > LONGEST_WORD or len(entry.split()) > MOST_WORDS:
        message = f"That is too long for a list: {MOST_WORDS} words and {LONGEST_WORD} letters are the most."
        raise Refused("word-too-long", f"{message} Take the word or two that matter.")
    letters = "".join(char for char in entry if unicodedata.category(char)[0] != "M")
    if not _OF_WORDS.fullmatch(letters) or _MANY_DIGITS.search(entry):
        raise Refused("not-a-word", "Type letters only, without signs such as full stops, stars or long numbers.")


def _refuse_foreign(entry: str, tag: str) -> None:
    """A list has words in the letters of its language, and in Latin ones, as people write on phones that lack them."""
    allowed = scripts_written(tag) | {_LATIN, None}
    if any(script_of(word) not in allowed for word in entry.split()):
        language = LANGUAGES[tag].english
        message = f"These are not the letters of {language}. Type it as people who write {language} would."
        raise Refused("other-script", message)


def _refuse_short(plain: str, *, whole: bool) -> None:
    if len(plain) < _SHORTEST:
        raise Refused("word-too-short", "One letter is too little: it would be found in too many replies.")
    if not whole and " " not in plain and len(plain) < _SHORTEST_BEGINNING:
        message = "Too many words begin with two letters. Choose “this word alone”, or type more of it."
        raise Refused("word-too-short", message)


def _refuse_listed(word: Word) -> None:
    wanted = key_of(word.entry)
    listed = entries_of(word.lists, word.language)[word.concept]
    covering = next((entry for entry in listed if (key := key_of(entry)).words and key.covers(wanted)), None)
    if covering is not None:
        shown, alone = as_shown(word.lists, covering)
        message = f"It is there already: “{shown}”{'' if alone else ' and any word that begins so'}."
        raise Refused("word-known", message)


def _keep(db: Database, word: Word, change: WordChange, why: str | None, account: UserAccount) -> WordProposal:
    # Twice: somebody else may propose the same word at this moment.
    return db.write_with_retry(lambda session: _add(session, word, change, why, account))


def _add(session: Session, word: Word, change: WordChange, why: str | None, account: UserAccount) -> WordProposal:
    actor, practice_id = require_may_write(session, actor_of(account))
    _refuse_proposed(session, word, change)
    proposal = WordProposal(
        **word._asdict(), change=change, why=why, proposed_by=account.id or 0, proposed_at=utc_now()
    )
    session.add(proposal)
    session.flush()
    action = "word-proposed" if change == WordChange.ADD else "word-questioned"
    about = subject_of_word(proposal)
    record(session, actor, action, about, practice_id=practice_id, lists=word.lists, concept=word.concept)
    return proposal


def _refuse_proposed(session: Session, word: Word, change: WordChange) -> None:
    statement = select(WordProposal).where(
        WordProposal.language == word.language,
        WordProposal.lists == word.lists,
        WordProposal.concept == word.concept,
        WordProposal.change == change,
        WordProposal.state.in_(_OPEN),  # type: ignore[attr-defined]
    )
    wanted = key_of(word.entry)
    asked = session.exec(statement)
    if change == WordChange.REMOVE:
        same = next((one for one in asked if one.entry == word.entry), None)
    else:
        same = next((one for one in asked if key_of(one.entry).covers(wanted)), None)
    if same is None:
        return
    if change == WordChange.REMOVE:
        raise Refused("word-questioned", "Somebody has said already that this word is wrong.")
    shown, _ = as_shown(same.lists, same.entry)
    if same.state == WordState.AGREED:
        raise Refused("word-known", f"It is there already: “{shown}” was added by readers.")
    raise Refused("word-proposed", f"“{shown}” is proposed already and waits for a second reader.")
