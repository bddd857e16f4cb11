"""The pages of the lists: concepts with their words, a sentence tried, a word proposed by one and agreed by another."""

import json
import logging
import re
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from bot.accounts.demo import DemoAccount
from bot.audit import AuditEntry
from bot.console import Console
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from bot.tables.conversations import ReplyReading
from bot.tables.wording import WordProposal
from bot.understanding.added import DANGER, put_beside
from bot.understanding.sentences import Sentence
from bot.understanding.tables import PHRASES, entries_of
from bot.wording.words import judging, lit, words_pages
from bot.wording.words.commands import words_command
from bot.wording.words.demo import propose_words
from bot.wording.words.proposing import question_word
from tests.applications import application, browser_of
from tests.factories import make_account, make_patient, make_practice, text_in
from tests.wording.test_pages import words_of
from tests.wording.test_words import TEXT, WORD, agree, propose

Browser = Callable[[UserAccount], FlaskClient]
LISTS = "/texts/pl/words/danger"


@pytest.fixture(autouse=True)
def _as_it_came() -> Iterator[None]:
    yield
    put_beside((), None)


@pytest.fixture(autouse=True)
def sentences(monkeypatch: pytest.MonkeyPatch) -> list[Sentence]:
    written = [Sentence("red", "chest", TEXT), Sentence("fine", "", "ból w klatce schodowej")]
    for module in (judging, lit, words_pages):
        monkeypatch.setattr(module, "sentences_of", lambda tag: tuple(written))
    return written


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    return application(settings, db, tokens=False)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return lambda account: browser_of(app, account)


def test_a_row_a_concept_with_its_meaning_and_words(browser: Browser, reviewer: UserAccount) -> None:
    reading = browser(reviewer)
    assert "Words of danger" in reading.get("/texts/pl").text
    page = words_of(reading.get(LISTS).text)
    assert "breathing, breath, air" in page
    replies = words_of(reading.get("/texts/pl/words/replies").text)
    assert "cancel, call off" in replies


def test_every_concept_of_every_kind_of_list_opens(browser: Browser, reviewer: UserAccount) -> None:
    reading = browser(reviewer)
    for lists in ("danger", "replies", "phrases"):
        names = re.findall(rf'href="(/texts/cy/words/{lists}/[a-z_-]+)"', reading.get(f"/texts/cy/words/{lists}").text)
        assert len(names) > 30
        assert reading.get(names[0]).status_code == 200
    for unknown in ("/texts/xx/words/danger", "/texts/pl/words/jokes", f"{LISTS}/duck", "/texts/word/99"):
        assert reading.get(unknown).status_code == 404


def test_sentences_light_up_where_a_concept_is_found(browser: Browser, reviewer: UserAccount) -> None:
    page = browser(reviewer).get(f"{LISTS}/chest").text
    assert '<mark class="etr-lit__word">klatce</mark>' in page
    assert "Only sounds like danger" in page


def test_a_sentence_of_ones_own_is_read_and_kept_nowhere(
    db: Database, browser: Browser, reviewer: UserAccount, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = browser(reviewer).post(f"{LISTS}/try", data={"sentence": "silny ból w klatce, Zenobia"})
    page = words_of(answer.text)
    assert "klatce,: Chest" in page
    assert "Red: the emergency text goes at once" in page
    assert "Zenobia" not in caplog.text
    with db.read() as session:
        assert not session.exec(select(WordProposal)).all()
        assert "Zenobia" not in str(session.exec(select(AuditEntry)).all())


def test_markup_that_is_tried_is_shown_and_not_run(browser: Browser, reviewer: UserAccount) -> None:
    page = browser(reviewer).post(f"{LISTS}/try", data={"sentence": "<script>ból</script>"}).text
    assert "<script>ból" not in page
    assert "&lt;script&gt;ból" in page


def test_one_proposes_another_agrees_and_the_next_text_is_read_with_it(
    db: Database, settings: Settings, browser: Browser, reviewer: UserAccount, second: UserAccount
) -> None:
    first = browser(reviewer)
    answer = first.post(f"{LISTS}/pain/propose", data={"word": WORD, "how": "begins"})
    assert answer.status_code == 303
    assert "Your word is proposed" in first.get(f"{LISTS}/pain").text
    path = "/texts/word/1"
    assert "You proposed it yourself" in first.get(path).text
    other = browser(second)
    assert "1 proposed word waits" in other.get("/").text
    assert "1 proposed word waits" in other.get("/texts/pl").text
    page = other.get(path).text
    assert "More danger found</dt><dd><strong>1</strong>" in page
    edition = re.search(r'name="edition" value="([^"]*)"', page)
    assert edition
    assert other.post(f"{path}/agree", data={"edition": edition[1]}).status_code == 303
    assert "In use" in other.get(path).text
    assert "added by readers" in other.get(f"{LISTS}/pain").text
    person = make_patient(db, make_practice(db), language="pl")
    message = text_in(db, settings, person.phone or "", TEXT)
    with db.read() as session:
        assert session.get_one(ReplyReading, message.id).urgent == "red"


def test_what_is_refused_is_said_beside_what_was_typed(browser: Browser, reviewer: UserAccount) -> None:
    answer = browser(reviewer).post(f"{LISTS}/pain/propose", data={"word": "k", "how": "alone"})
    assert answer.status_code == 400
    assert "One letter is too little" in answer.text
    assert 'value="k"' in answer.text
    assert re.search(r'id="how-alone" value="alone" checked', answer.text)


def test_a_word_is_said_to_be_wrong(db: Database, browser: Browser, reviewer: UserAccount) -> None:
    entry = entries_of(DANGER, "pl")["pain"][0]
    reading = browser(reviewer)
    assert reading.post(f"{LISTS}/pain/wrong", data={"entry": entry, "why": ""}).status_code == 400
    assert reading.post(f"{LISTS}/pain/wrong", data={"entry": entry, "why": "means duck"}).status_code == 303
    assert "said to be wrong" in reading.get(f"{LISTS}/pain").text
    assert "means duck" in reading.get("/texts/word/1").text


def test_what_a_word_would_harm_is_shown_and_it_cannot_be_agreed_to(
    db: Database, browser: Browser, reviewer: UserAccount, second: UserAccount, sentences: list[Sentence]
) -> None:
    number = propose(db, reviewer)
    sentences.append(Sentence("ordinary", "", TEXT))
    reading = browser(second)
    page = reading.get(f"/texts/word/{number}").text
    assert "It cannot come into use like this" in page
    assert "Yes, it belongs there" not in page
    refused = reading.post(f"/texts/word/{number}/agree", data={"edition": ""})
    assert refused.status_code == 400
    assert "everyday replies would get the emergency text" in refused.text
    assert reading.post(f"/texts/word/{number}/turn-down", data={"why": "too wide"}).status_code == 303
    assert "Why it was turned down: too wide" in words_of(reading.get(f"/texts/word/{number}").text)


def test_a_look_alike_is_agreed_to_once_it_is_ticked(
    db: Database, browser: Browser, reviewer: UserAccount, second: UserAccount, sentences: list[Sentence]
) -> None:
    number = propose(db, reviewer)
    sentences.append(Sentence("fine", "", TEXT))
    reading = browser(second)
    path = f"/texts/word/{number}"
    assert "I have read the sentences that it changes" in reading.get(path).text
    assert reading.post(f"{path}/agree", data={"edition": ""}).status_code == 400
    assert reading.post(f"{path}/agree", data={"edition": "", "weighed": "yes"}).status_code == 303
    assert reading.post(f"{path}/take-back").status_code == 303
    assert "Taken back" in reading.get(path).text


def test_an_administrator_proposes_and_does_not_agree(db: Database, browser: Browser, reviewer: UserAccount) -> None:
    number = propose(db, reviewer)
    reading = browser(make_account(db, Role.ADMIN))
    assert "Propose it" in reading.get(f"{LISTS}/pain").text
    assert "Yes, it belongs there" not in reading.get(f"/texts/word/{number}").text
    assert reading.post(f"/texts/word/{number}/agree").status_code == 403


def test_the_demo_has_words_that_wait_for_the_lead_and_no_more_the_second_time(
    db: Database, settings: Settings, browser: Browser
) -> None:
    administrator = make_account(db, Role.ADMIN)
    for _ in range(2):
        propose_words(db, settings, "STATION", [DemoAccount(administrator, Role.ADMIN)])
    with db.read() as session:
        words = session.exec(select(WordProposal)).all()
    assert len({word.entry for word in words}) == len(words) > 0


def test_a_command_lists_what_belongs_into_the_files(
    db: Database, settings: Settings, reviewer: UserAccount, second: UserAccount
) -> None:
    console = Console()
    console.database, console.settings = db, settings

    def listed(tag: str) -> list[dict[str, str]]:
        result = CliRunner().invoke(words_command, ["--language", tag, "--json"], obj=console)
        return [json.loads(line) for line in result.stdout.splitlines()]

    agree(db, propose(db, reviewer), second)
    entry = entries_of(DANGER, "pl")["pain"][0]
    question_word(db, "pl", DANGER, "pain", entry, "means duck", reviewer)
    assert [(line["change"], line["word"], line["why"]) for line in listed("pl")] == [
        ("add", WORD, None),
        ("remove", entry, "means duck"),
    ]
    assert listed("ur") == []


def test_a_phrase_is_called_wrong_and_added_with_a_release_alone(
    db: Database, browser: Browser, reviewer: UserAccount
) -> None:
    reading, path = browser(reviewer), "/texts/en/words/phrases/yes"
    page = reading.get(path).text
    assert "Propose it" not in page
    assert reading.post(f"{path}/propose", data={"word": "aye aye"}).status_code == 400
    entry = entries_of(PHRASES, "en")["yes"][0]
    assert reading.post(f"{path}/wrong", data={"entry": entry, "why": "means no"}).status_code == 303
    assert "said to be wrong" in reading.get(path).text
