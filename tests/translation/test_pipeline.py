"""What a model gets to see of a text, and what is made of its answer, with a model that is told what to say."""

from collections.abc import Callable, Sequence

import pytest

from bot.tables.translation import Failure
from bot.translation.engines import EngineFailed, Fault, Model, ModelUnusable, TimedOut, Translated
from bot.translation.judging import IN_WORDS, LONGEST_TEXT, reason_not_to
from bot.translation.pipeline import Pipeline, Result, Wanted
from bot.translation.requests import path

Says = Callable[[Model, str], str]


def model(source: str, target: str, form: str | None = "[1]") -> Model:
    return Model(source, target, "1.0", "a" * 64, f"{source}-{target}", f"{source}-{target}", form)


EN_UR, UR_EN, EN_PL, PL_EN = model("en", "ur"), model("ur", "en"), model("en", "pl"), model("pl", "en")


def marked(model: Model, sentence: str) -> str:
    """Says which way a sentence went, its tokens left as they are."""
    return f"<{model.to_language}> {sentence}"


class Told:
    """An engine that says what it is told to, and remembers every batch."""

    def __init__(self, says: Says = marked, score: float = -0.1) -> None:
        self.says, self.score = says, score
        self.batches: list[tuple[str, ...]] = []

    def translate(self, model: Model, sentences: Sequence[str]) -> list[Translated]:
        if sentences:
            self.batches.append(tuple(sentences))
        return [Translated(self.says(model, sentence), self.score) for sentence in sentences]


class Run:
    """A pipeline with what it noted."""

    def __init__(self, engine: Told, *models: Model) -> None:
        self.forms: list[tuple[str, str]] = []
        self.faults: list[tuple[Model, Fault]] = []
        self.pipeline = Pipeline(
            engine,
            {each.direction: each for each in models},
            note_form=lambda model, form: self.forms.append((model.contents, form)),
            note_fault=lambda model, fault: self.faults.append((model, fault)),
        )

    def __call__(self, *wanted: Wanted) -> list[Result]:
        found = dict(self.pipeline.translate(wanted))
        return [found[at] for at in range(len(wanted))]


def to_urdu(words: str, **changes: object) -> Wanted:
    return Wanted(words, "en", "ur", **changes)  # type: ignore[arg-type]


def test_values_never_reach_a_model_and_are_put_back() -> None:
    engine = Told()
    [result] = Run(engine, EN_UR)(to_urdu("Please call 07700 900123 before 5pm."))
    [sentence] = engine.batches[0]
    assert "07700" not in sentence
    assert "5pm" not in sentence
    assert result.text is not None
    assert "07700900123" in result.text.replace(" ", "")


def test_names_that_are_kept_never_reach_a_model() -> None:
    engine = Told()
    [result] = Run(engine, EN_UR)(to_urdu("come to little acre today", kept=("little acre",)))
    assert "little acre" not in engine.batches[0][0]
    assert "little acre" in (result.text or "")


def test_a_token_that_was_lost_sends_the_sentence_once_more_with_the_value_in_it() -> None:
    engine = Told(lambda model, sentence: sentence.replace("[1]", ""))
    [result] = Run(engine, EN_UR)(to_urdu("You have 14 tablets left."))
    assert engine.batches == [("You have [1] tablets left.",), ("You have 14 tablets left.",)]
    assert result.text == "You have 14 tablets left."


def test_the_texts_of_a_pair_go_in_one_batch() -> None:
    engine = Told()
    Run(engine, EN_UR)(*[to_urdu(f"I feel {word} today. Please help") for word in ("ill", "cold", "sad")])
    assert [len(batch) for batch in engine.batches] == [6]


def test_each_text_keeps_its_place_whatever_its_language() -> None:
    run = Run(Told(), EN_UR, EN_PL)
    results = run(to_urdu("first words"), Wanted("second words", "en", "pl"), to_urdu("👍"), to_urdu("last words"))
    assert [result.text for result in results] == ["<ur> first words", "<pl> second words", None, "<ur> last words"]
    assert results[2].failure == Failure.NOTHING_TO_TRANSLATE


def test_english_is_on_the_way_where_no_model_leads_there_and_both_are_named() -> None:
    [result] = Run(Told(), UR_EN, EN_PL)(Wanted("مجھے بخار ہے", "ur", "pl"))
    assert result.text == "<pl> <en> مجھے بخار ہے"
    assert result.model == f"{UR_EN.name} + {EN_PL.name}"


def test_without_a_model_nothing_is_made_up() -> None:
    [result] = Run(Told(), EN_UR)(Wanted("hello there", "en", "so"))
    assert (result.text, result.failure) == (None, Failure.NO_MODEL)


def test_the_way_back_is_given_when_asked_for_with_the_values_as_they_were_written() -> None:
    says = {"ur": "براہ کرم [1] بجے آئیں", "en": "please come at [1]"}
    run = Run(Told(lambda model, _: says[model.to_language]), EN_UR, UR_EN)
    first, second = run(to_urdu("come at 9am please", back=True), to_urdu("come at 9am please"))
    assert first.text == "براہ کرم 9:00 بجے آئیں"
    assert first.back == "please come at 9am"
    assert second.back is None


def test_there_is_no_way_back_without_a_model_for_it() -> None:
    [result] = Run(Told(), EN_UR)(to_urdu("come here", back=True))
    assert result.back is None
    assert result.text == "<ur> come here"


def test_sentences_already_in_the_letters_of_the_target_are_left_alone() -> None:
    engine = Told()
    [result] = Run(engine, UR_EN)(Wanted("I am ill. مجھے بخار ہے", "ur", "en"))
    assert engine.batches == [("مجھے بخار ہے",)]
    assert result.text == "I am ill. <en> مجھے بخار ہے"


def test_what_is_no_sentence_is_left_alone_and_lines_stay_lines() -> None:
    engine = Told()
    [result] = Run(engine, EN_UR)(to_urdu("Please phone us today:\n020 7946 0958\n👍\nThank you"))
    assert engine.batches == [("Please phone us today:", "Thank you")]
    assert [line[:5] for line in (result.text or "").split("\n")] == ["<ur> ", "02079", "👍", "<ur> "]


def test_the_checks_ask_about_the_beginning_and_the_end() -> None:
    [result] = Run(Told(), EN_UR)(to_urdu("Do not eat before the test."))
    assert not result.ok, "the model that is told what to say says nothing in Urdu"
    assert {"script"} <= {check["check"] for check in result.checks if not check["ok"]}
    assert all(check["why"] for check in result.checks if not check["ok"])


def test_the_score_is_that_of_the_least_sure_model() -> None:
    class Unsure(Told):
        def translate(self, model: Model, sentences: Sequence[str]) -> list[Translated]:
            score = -0.9 if model is EN_PL else -0.1
            return [Translated(each.text, score) for each in super().translate(model, sentences)]

    [result] = Run(Unsure(), UR_EN, EN_PL)(Wanted("مجھے بخار ہے", "ur", "pl"))
    assert result.score == pytest.approx(-0.9)


def test_a_form_is_found_once_for_a_model_and_noted() -> None:
    run = Run(Told(lambda _model, sentence: sentence), model("en", "ur", None))
    run(to_urdu("come at 9am"))
    run(to_urdu("come at 10am"))
    assert run.forms == [("en-ur", "[1]")]


def test_a_model_nothing_comes_through_gets_the_values_themselves() -> None:
    engine = Told()
    Run(engine, model("en", "ur", ""))(to_urdu("come at 9am"))
    assert engine.batches == [("come at 9am",)]


def failing_on(word: str, error: Exception) -> Says:
    def says(model: Model, sentence: str) -> str:
        if word in sentence:
            raise error
        return marked(model, sentence)

    return says


def test_one_text_that_hangs_a_model_does_not_take_the_others_with_it() -> None:
    run = Run(Told(failing_on("bad", TimedOut())), EN_UR)
    results = run(to_urdu("good words"), to_urdu("bad words"), to_urdu("more words"))
    assert [result.failure for result in results] == [None, Failure.TIMED_OUT, None]


def test_nor_one_that_kills_it() -> None:
    run = Run(Told(failing_on("bad", EngineFailed())), EN_UR)
    results = run(to_urdu("good words"), to_urdu("bad words"))
    assert [result.failure for result in results] == [None, Failure.ENGINE_FAILED]


def test_a_model_that_died_once_is_asked_once_more() -> None:
    died: list[str] = []

    def says(model: Model, sentence: str) -> str:
        died.append(sentence)
        if len(died) == 1:
            raise EngineFailed
        return marked(model, sentence)

    [result] = Run(Told(says), EN_UR)(to_urdu("good words"))
    assert result.text == "<ur> good words"


def test_a_model_that_is_not_what_was_installed_is_noted_and_not_asked_again() -> None:
    run = Run(Told(failing_on("words", ModelUnusable(EN_UR, "changed"))), EN_UR)
    [first] = run(to_urdu("some words"))
    [second] = run(to_urdu("some words"))
    assert (first.failure, second.failure) == (Failure.NO_MODEL, Failure.NO_MODEL)
    assert run.faults == [(EN_UR, "changed")]


@pytest.mark.parametrize(
    ("words", "source", "target", "reason"),
    [
        ("I have a fever", "en", "ur", None),
        ("مجھے بخار ہے", "ur", "en", None),
        ("nie mogę przyjść w piątek", "pl", "en", None),
        ("x" * LONGEST_TEXT, "en", "ur", None),
        ("x" * (LONGEST_TEXT + 1), "en", "ur", Failure.TOO_LONG),
        ("👍👍 !!", "en", "ur", Failure.NOTHING_TO_TRANSLATE),
        ("0", "ur", "en", Failure.NOTHING_TO_TRANSLATE),
        ("", "ur", "en", Failure.NOTHING_TO_TRANSLATE),
        ("I have a fever", "en", "en", Failure.SAME_LANGUAGE),
        ("مجھے بخار ہے", "en", "ur", Failure.SAME_LANGUAGE),
        ("I cannot come on Monday, sorry", "ur", "en", Failure.SAME_LANGUAGE),
        ("I cannot come on Monday, sorry", "pl", "en", Failure.SAME_LANGUAGE),
        ("mujhe bukhar hai", "ur", "en", Failure.ROMANISED),
        ("mainu hor time chahida", "pa-Guru", "en", Failure.ROMANISED),
        ("не можу прийти", "pl", "en", None),
    ],
)
def test_what_is_not_given_to_a_model(words: str, source: str, target: str, reason: Failure | None) -> None:
    assert reason_not_to(words, source, target) == reason


def test_every_reason_has_a_sentence() -> None:
    assert set(IN_WORDS) == set(Failure)
    assert all(sentence.endswith(".") for sentence in IN_WORDS.values())


def test_a_way_is_direct_or_by_english_or_none() -> None:
    models = {("ur", "en"), ("en", "pl"), ("ur", "pl")}
    assert path(models, "ur", "pl") == (("ur", "pl"),)
    assert path(models - {("ur", "pl")}, "ur", "pl") == (("ur", "en"), ("en", "pl"))
    assert path(models, "pl", "ur") == ()
