"""Words of lists: one reader proposes, a second agrees, and no sentence of danger may be lost by it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import select

from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from bot.tables.wording import WordEdition, WordProposal, WordState
from bot.understanding.added import DANGER, REPLIES, Word, edition_in_use, put_beside
from bot.understanding.reading import read_reply
from bot.understanding.sentences import Sentence
from bot.understanding.tables import entries_of
from bot.wording.words import deciding, judging
from bot.wording.words.deciding import NONE_YET, agree_to_word, look_at, take_word_back, turn_word_down
from bot.wording.words.in_force import agreed_words, look_for_words
from bot.wording.words.proposing import propose_word, question_word
from bot.wording.words.standing import read_rows, words_for_a_release, words_that_wait
from tests.factories import make_account, make_practice
from tests.wording.conftest import make_reviewer
from tests.wording.test_approvals import deeds

WORD = "kwakwalg"
TEXT = f"mam {WORD}ę w klatce piersiowej"
RED, FINE, ORDINARY = "red chest", "fine", "ordinary"


@pytest.fixture(autouse=True)
def _as_it_came() -> Iterator[None]:
    yield
    put_beside((), None)


@pytest.fixture(autouse=True)
def sentences(monkeypatch: pytest.MonkeyPatch) -> list[Sentence]:
    """The sentences of every language: none, until a test writes some."""
    written: list[Sentence] = []
    monkeypatch.setattr(judging, "sentences_of", lambda tag: tuple(written))
    return written


def propose(db: Database, account: UserAccount, word: str = WORD, **other: Any) -> int:
    about = {"tag": "pl", "lists": DANGER, "concept": "pain", "whole": False} | other
    whole = about.pop("whole")
    return propose_word(db, *about.values(), word, account, whole=whole).id or 0


def agree(db: Database, number: int, account: UserAccount, *, weighed: bool = False) -> None:
    agree_to_word(db, number, account, look_at(db, number).edition, weighed=weighed)


def refusal(verb: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(Refused) as refused:
        verb(*args, **named)
    return refused.value.code


def read_anew(db: Database) -> str | None:
    with db.read() as session:
        look_for_words(session)
    return read_reply(TEXT, "pl").urgent


def state(db: Database, number: int) -> str:
    with db.read() as session:
        return session.get_one(WordProposal, number).state


def test_a_word_is_in_use_once_a_second_reader_agrees(db: Database, reviewer: UserAccount, second: UserAccount) -> None:
    number = propose(db, reviewer)
    assert read_anew(db) is None
    assert refusal(agree, db, number, reviewer) == "own-word"
    agree(db, number, second)
    assert read_anew(db) == "red"
    assert state(db, number) == WordState.AGREED
    assert deeds(db) == [("word-proposed", f"word:{number}:pl"), ("word-agreed", f"word:{number}:pl")]


def test_each_process_asks_for_the_words_only_when_another_set_is_in_use(
    db: Database, reviewer: UserAccount, second: UserAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(db, propose(db, reviewer), second)
    read_anew(db)
    edition = edition_in_use()
    monkeypatch.setattr("bot.wording.words.in_force.agreed_words", lambda session: pytest.fail("asked again"))
    assert read_anew(db) == "red"
    assert edition_in_use() == edition


def test_a_word_that_loses_danger_is_refused(
    db: Database, reviewer: UserAccount, second: UserAccount, sentences: list[Sentence]
) -> None:
    agree(db, propose(db, reviewer), second)
    sentences.append(Sentence("red", "chest", f"{TEXT} blablar"))
    number = propose(db, reviewer, "blablar", concept="thanks")
    effect = look_at(db, number).effect
    assert effect
    assert effect.lost == sentences
    assert refusal(agree, db, number, second, weighed=True) == "loses-danger"
    assert [word.entry for word in agreed(db)] == [WORD]


def agreed(db: Database) -> list[Word]:
    with db.read() as session:
        return agreed_words(session)


def test_a_word_that_calls_everyday_replies_danger_is_refused_and_a_look_alike_is_weighed(
    db: Database, reviewer: UserAccount, second: UserAccount, sentences: list[Sentence]
) -> None:
    number = propose(db, reviewer)
    sentences[:] = [Sentence("fine", "", TEXT), Sentence("red", "chest", TEXT)]
    effect = look_at(db, number).effect
    assert effect
    assert ([one.level for one in effect.alarmed], [one.level for one in effect.found]) == (["fine"], ["red"])
    assert refusal(agree, db, number, second) == "look-first"
    sentences.append(Sentence("ordinary", "", TEXT))
    assert refusal(agree, db, number, second, weighed=True) == "alarms-everyday"
    sentences.pop()
    agree(db, number, second, weighed=True)
    assert state(db, number) == WordState.AGREED


def test_a_word_of_replies_shows_what_is_taken_for_another_answer(
    db: Database, reviewer: UserAccount, second: UserAccount, sentences: list[Sentence]
) -> None:
    sentences.append(Sentence("ordinary", "", f"{WORD}ę wizytę"))
    number = propose(db, reviewer, lists=REPLIES, concept="cancel")
    effect = look_at(db, number).effect
    assert effect
    assert len(effect.otherwise) == 1
    assert refusal(agree, db, number, second) == "look-first"


def test_of_two_words_agreed_to_at_once_the_second_is_looked_at_again(
    db: Database, reviewer: UserAccount, second: UserAccount
) -> None:
    one, other = propose(db, reviewer), propose(db, reviewer, "blablar")
    seen = look_at(db, other).edition
    agree(db, one, second)
    assert refusal(agree_to_word, db, other, second, seen, weighed=False) == "words-changed"
    agree(db, other, second)
    with db.read() as session:
        edition_after = {edition.after: edition.edition for edition in session.exec(select(WordEdition))}
    assert len(edition_after) == 2
    assert edition_after[""] in edition_after


def test_two_readers_press_at_the_same_moment(
    db: Database, reviewer: UserAccount, second: UserAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [propose(db, reviewer), propose(db, reviewer, "blablar")]
    both_looked = threading.Barrier(2)

    def look_together(*given: Any) -> Any:
        looked = look_at(*given)
        both_looked.wait(timeout=20)
        return looked

    monkeypatch.setattr(deciding, "look_at", look_together)

    def press(number: int) -> str:
        try:
            return agree_to_word(db, number, second, NONE_YET, weighed=False).state
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, numbers)) == ["agreed", "words-changed"]
    assert len(agreed(db)) == 1


def test_nobody_decides_twice(db: Database, reviewer: UserAccount, second: UserAccount) -> None:
    number = propose(db, reviewer)
    turn_word_down(db, number, "it means duck", second)
    for again in (agree, lambda *given: turn_word_down(db, number, "no", second)):
        assert refusal(again, db, number, second) == "decided-already"
    assert refusal(take_word_back, db, number, reviewer) == "decided-already"
    assert agreed(db) == []


def test_a_word_that_was_turned_down_may_be_proposed_again(
    db: Database, reviewer: UserAccount, second: UserAccount
) -> None:
    number = propose(db, reviewer)
    assert refusal(turn_word_down, db, number, "", second) == "needs-why"
    turn_word_down(db, number, "it means duck", second)
    assert propose(db, second) != number


def test_a_word_in_use_is_taken_back_at_once_by_whoever_may_agree(
    db: Database, reviewer: UserAccount, second: UserAccount
) -> None:
    number = propose(db, reviewer)
    agree(db, number, second)
    assert read_anew(db) == "red"
    take_word_back(db, number, reviewer)
    assert read_anew(db) is None
    assert deeds(db)[-1] == ("word-taken-back", f"word:{number}:pl")
    assert propose(db, reviewer)


def test_a_proposal_that_waits_is_taken_back_by_whoever_made_it_alone(
    db: Database, reviewer: UserAccount, second: UserAccount
) -> None:
    number = propose(db, reviewer)
    assert refusal(take_word_back, db, number, second) == "not-yours"
    take_word_back(db, number, reviewer)
    assert state(db, number) == WordState.TAKEN_BACK


def test_a_right_that_is_gone_counts_no_more(db: Database, reviewer: UserAccount) -> None:
    practice = make_practice(db)
    receptionist = make_account(db, Role.PRACTICE, practice=practice)
    assert refusal(propose, db, receptionist) == "not-allowed"
    number = propose(db, reviewer)
    assert refusal(agree, db, number, receptionist) == "not-allowed"
    assert refusal(turn_word_down, db, number, "no", receptionist) == "not-allowed"
    administrator = make_account(db, Role.ADMIN)
    assert propose(db, administrator, "blablar")
    assert refusal(agree, db, number, administrator) == "not-allowed"


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("", "needs-word"),
        (" . ", "needs-word"),
        ("k", "word-too-short"),
        ("kw", "word-too-short"),
        ("kwak " * 5, "word-too-long"),
        ("kwa" * 20, "word-too-long"),
        ("кважа", "other-script"),
        ("胸口", "other-script"),
        ("=kwakwa", "not-a-word"),
        ("kwak*", "not-a-word"),
        ("kwak. kwak", "not-a-word"),
        ("07700900123", "not-a-word"),
        ("<b>kwak</b>", "not-a-word"),
    ],
)
def test_what_no_list_could_have_is_refused(db: Database, reviewer: UserAccount, word: str, code: str) -> None:
    assert refusal(propose, db, reviewer, word) == code


@pytest.mark.parametrize(
    ("tag", "word", "kept"),
    [
        ("pl", " KwaKwą ", "kwakwą"),
        ("pl", "kwa  kwą", "kwa kwą"),
        ("ur", "kwakwa", "kwakwa"),
        ("ur", "ققکقک", "ققکقک"),
        ("hi", "कवकवि", "कवकवि"),
        ("zh-Hans", "鸭", "鸭"),
        ("kmr", "k'wakwa", "k'wakwa"),
    ],
)
def test_a_word_is_kept_as_a_file_has_it(db: Database, reviewer: UserAccount, tag: str, word: str, kept: str) -> None:
    number = propose(db, reviewer, word, tag=tag)
    with db.read() as session:
        assert session.get_one(WordProposal, number).entry == kept


def test_a_word_alone_is_marked_so(db: Database, reviewer: UserAccount) -> None:
    numbers = [propose(db, reviewer, "kw", whole=True), propose(db, reviewer, "kwa kwak", whole=True)]
    with db.read() as session:
        assert [session.get_one(WordProposal, number).entry for number in numbers] == ["=kw", "kwa =kwak"]


def test_a_word_that_takes_danger_away_is_tried_or_not_used(
    db: Database, reviewer: UserAccount, second: UserAccount, sentences: list[Sentence]
) -> None:
    number = propose(db, reviewer, concept="joke")
    assert refusal(agree, db, number, second) == "nothing-to-try"
    sentences.append(Sentence("ordinary", "", "tak"))
    agree(db, number, second)
    assert state(db, number) == WordState.AGREED


def test_what_is_there_or_proposed_already_is_refused(db: Database, reviewer: UserAccount, second: UserAccount) -> None:
    listed = next(one for one in entries_of(DANGER, "pl")["pain"] if one.isalpha() and len(one) > 3)
    assert refusal(propose, db, reviewer, f"{listed}kwak") == "word-known"
    number = propose(db, reviewer)
    assert refusal(propose, db, second, WORD.upper()) == "word-proposed"
    agree(db, number, second)
    assert refusal(propose, db, second, f"{WORD}ami") == "word-known"
    assert propose(db, second, concept="head")


def test_a_list_that_does_not_exist_is_refused(db: Database, reviewer: UserAccount) -> None:
    for other in ({"tag": "xx"}, {"lists": "jokes"}, {"concept": "duck"}, {"concept": "language"}):
        assert refusal(propose, db, reviewer, **other) == "unknown-list"


def test_a_word_that_is_wrong_goes_on_and_is_listed_for_a_release(
    db: Database, reviewer: UserAccount, second: UserAccount
) -> None:
    listed = entries_of(DANGER, "pl")["pain"][0]
    about = ("pl", DANGER, "pain")
    assert refusal(question_word, db, *about, "kwakwa", "means duck", reviewer) == "unknown-word"
    assert refusal(question_word, db, *about, listed, " ", reviewer) == "needs-why"
    assert refusal(question_word, db, *about, listed, "ask 07700900123", reviewer) == "why-names-a-person"
    asked = question_word(db, *about, listed, "means duck", reviewer)
    assert refusal(question_word, db, *about, listed, "means goose", second) == "word-questioned"
    assert refusal(agree, db, asked.id or 0, second) == "comes-with-a-release"
    added = propose(db, reviewer)
    agree(db, added, second)
    propose(db, reviewer, "blablar")
    with db.read() as session:
        of_a_release = words_for_a_release(session, "pl")
        row = next(row for row in read_rows(session, "pl", DANGER) if row.concept == "pain")
    assert {(one.change, one.entry) for one in of_a_release} == {("remove", listed), ("add", WORD)}
    assert [one.entry for one in row.entries if one.added] == [WORD]
    assert [one.entry for one in row.entries if one.questioned] == [listed]
    assert [one.entry for one in row.waiting] == ["blablar"]


def test_others_words_wait_and_ones_own_do_not(db: Database, reviewer: UserAccount, second: UserAccount) -> None:
    propose(db, reviewer)
    with db.read() as session:
        assert words_that_wait(session, reviewer.id) == {}
        assert words_that_wait(session, second.id) == {("pl", DANGER): 1}


def test_words_of_a_list_that_a_later_version_lacks_are_left_out(
    db: Database, reviewer: UserAccount, second: UserAccount
) -> None:
    number = propose(db, reviewer)
    agree(db, number, second)
    with db.write() as session:
        session.get_one(WordProposal, number).concept = "gone-by-then"
    assert agreed(db) == []
    assert refusal(look_at, db, number) == "unknown-word"
    assert read_anew(db) is None


def test_a_restored_database_is_read_with_its_own_words(
    db: Database, settings: Settings, reviewer: UserAccount, second: UserAccount
) -> None:
    number = propose(db, reviewer)
    agree(db, number, second)
    assert read_anew(db) == "red"
    with db.write() as session:  # as a backup from before the word was agreed to has it
        for edition in session.exec(select(WordEdition)):
            session.delete(edition)
        session.get_one(WordProposal, number).state = WordState.WAITING
    assert read_anew(db) is None


def test_a_reviewer_is_any_account_that_reads(db: Database, reviewer: UserAccount) -> None:
    lead = make_reviewer(db, Role.LEAD)
    number = propose(db, lead)
    agree(db, number, reviewer)
    assert [word.entry for word in agreed(db)] == [WORD]
