"""What a reply most likely says where the rules leave it open."""

from hypothesis import given
from hypothesis import strategies as st

from bot.texts.languages import LANGUAGES
from bot.understanding.intents import CONCEPTS
from bot.understanding.likely import LIKELY, kept_weights, likely_intent
from bot.understanding.questions import QUESTIONS, QuestionKind
from bot.understanding.reading import read_reply
from bot.understanding.reply import INTENT_OF_KEY, Reply
from tests.understanding.likely_weights import learned_from
from tests.understanding.replies_scoring import lines


def test_a_guess_is_told_to_people_and_is_no_intent_to_act_on() -> None:
    guessed = [reading for line in lines("seen") if (reading := read_reply(line.text, line.tag)).likely]
    assert guessed
    for reading in guessed:
        assert (reading.intent, reading.to_person, reading.doubtful) == ("none", True, True)
        told = reading.or_likely()
        assert (told.intent, told.rule, told.to_person) == (reading.likely, LIKELY, True)


def test_who_is_understood_is_not_guessed_about() -> None:
    assert read_reply("please stop texting me", "en").likely is None
    assert read_reply("1", "en", QUESTIONS["invitation"]).likely is None


def test_beside_danger_or_a_death_nothing_is_guessed() -> None:
    assert read_reply("leave me be with the texts, I cannot breathe", "en").likely is None


def test_a_stop_that_is_denied_is_no_likely_stop() -> None:
    for text, language in (("don't stop texting me", "en"), ("no paren de escribirme nunca", "es")):
        assert likely_intent(Reply(text, language, None, None)) != "opt_out"


def test_of_numbers_among_words_and_of_words_that_nobody_knows_nothing_is_guessed() -> None:
    invited = QUESTIONS["invitation"]
    for text, language in (("2 children and no money", "en"), ("হ্যাঁ আমার চাই", "pl"), ("yes", None)):
        assert likely_intent(Reply(text, language, invited, None)) is None


def test_a_yes_or_no_is_likely_only_where_one_was_asked_for() -> None:
    everyday = [line for line in lines("seen") if line.intent in ("yes", "no")]
    assert not {likely_intent(Reply(line.text, line.tag, None, None)) for line in everyday} & {"yes", "no"}


@given(st.text(max_size=200), st.sampled_from([None, *LANGUAGES]), st.sampled_from([None, *QUESTIONS.values()]))
def test_whatever_is_written_a_guess_is_one_of_the_intents_or_none(
    text: str, language: str | None, question: QuestionKind | None
) -> None:
    assert likely_intent(Reply(text, language, question, None)) in {None, *INTENT_OF_KEY.values()} - {"choice"}


def test_the_weights_are_of_concepts_alone_and_of_no_word() -> None:
    known = {*CONCEPTS, "filler", "|", ">", ">>", "&", "to", "first", "last", "?", "a", "language", "words", "strange"}
    known |= {"invited", "asked", "unasked", *map(str, range(10))}
    said = {part for sign in kept_weights().of_sign for part in sign.replace("+", " ").split()}
    assert said <= known


def test_the_weights_of_the_file_tell_known_replies_apart() -> None:
    weights, told = kept_weights(), [*learned_from()][::20]
    shares = [(weights.shares(iter(signs)), intent) for signs, intent in told]
    right = sum(max(share, key=lambda each: share[each]) == intent for share, intent in shares)
    assert right / len(told) > 0.9
