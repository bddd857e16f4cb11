"""Handsets that answer by themselves."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.rest import Client

from bot.lists.demo_list import MOBILES_OF_INTERPRETERS
from bot.simulator.config import SimulatorConfig
from bot.simulator.options import is_about_a_visit, options_of
from bot.simulator.personas import Persona, answer_to, persona_of, wait_before_answer
from bot.simulator.phone_numbers import as_read, can_be_texted, is_landline, read_number
from bot.simulator.phrases import PHRASES, guess_language
from bot.simulator.store import Store
from bot.texts.catalogue import catalogue
from bot.texts.languages import WORDED
from bot.texts.wording import with_examples, wording_for
from tests.simulator.conftest import NUMBER, Phones, Service, wait_until

SEED = "test"
ASK = "Reply 1 yes, 2 no, 0 no more texts, 9 another language"
NUMBERS = [f"+4477009{n:05d}" for n in range(5000)]


def text_of(key: str, tag: str) -> str:
    """A text with its example values."""
    wording = wording_for(key, tag)
    assert wording is not None
    return with_examples(catalogue()[key], tag, wording.body)


def first_with(persona: Persona, seed: str = SEED) -> str:
    return next(number for number in NUMBERS if persona_of(number, seed) is persona)


def test_the_shares_come_out_as_planned() -> None:
    assert sum(persona.share for persona in Persona) == 1000
    drawn = Counter(persona_of(number, SEED) for number in NUMBERS)
    for persona in Persona:
        assert abs(drawn[persona] / len(NUMBERS) - persona.share / 1000) < 0.03


def test_a_handset_stays_who_it_is_and_another_seed_makes_others() -> None:
    assert [persona_of(number, SEED) for number in NUMBERS[:50]] == [
        persona_of(number, SEED) for number in NUMBERS[:50]
    ]
    assert [persona_of(n, SEED) for n in NUMBERS[:50]] != [persona_of(n, "other") for n in NUMBERS[:50]]


def test_a_person_answers_the_invitation_and_then_the_consent_question() -> None:
    number = first_with(Persona.YES_BY_NUMBER)
    assert [answer_to(ASK, number, SEED, answered) for answered in range(4)] == ["1", "1", "1", None]


def test_a_person_answers_in_the_language_of_the_text() -> None:
    polish = "Odpowiedz: 1 tak, 2 nie, 0 stop"
    assert answer_to(polish, first_with(Persona.YES_BY_WORD), SEED, 0) == "tak"
    assert answer_to(polish, first_with(Persona.STOP), SEED, 0) == "STOP prosze"
    assert answer_to(polish, first_with(Persona.SILENT), SEED, 0) is None


@pytest.mark.parametrize("text", ["Call 999 now. For advice call 111.", "Come at 1:30pm", "Thank you."])
def test_a_text_that_asks_nothing_by_number_is_not_answered(text: str) -> None:
    assert answer_to(text, first_with(Persona.YES_BY_NUMBER), SEED, 0) is None


@pytest.mark.parametrize("tag", ["en", "ur", "ar"])
@pytest.mark.parametrize("key", ["visit-thanks", "visit-given-up", "interpreter-booked", "interpreter-phone-kept"])
def test_the_first_of_a_month_is_no_question(key: str, tag: str) -> None:
    wording = wording_for(key, tag)
    assert wording is not None
    body = with_examples(catalogue()[key], tag, wording.body).replace("3", "1")
    assert answer_to(body, first_with(Persona.YES_BY_NUMBER), SEED, 0) is None


def test_people_answer_what_they_are_asked_about_a_visit() -> None:
    reminded, times = text_of("visit-reminder", "ur"), text_of("visit-times", "ur")
    cannot_come = text_of("visit-cannot-come", "ur")
    assert answer_to(reminded, first_with(Persona.YES_BY_NUMBER), SEED, 0) == "1"
    assert answer_to(times, first_with(Persona.YES_BY_WORD), SEED, 0) == "1"
    no = first_with(Persona.NO)
    said = [answer_to(body, no, SEED, answered) for answered, body in enumerate((reminded, cannot_come, times))]
    assert said == ["2", "1", "1"]
    assert answer_to(times, first_with(Persona.SILENT), SEED, 0) is None


def test_an_interpreter_says_that_they_can_come() -> None:
    assert answer_to(text_of("interpreter-ask", "en"), first_with(Persona.YES_BY_NUMBER), SEED, 0) == "1"


def test_the_interpreters_of_the_demo_answer() -> None:
    for number in (f"+44{mobile[1:]}".replace(" ", "") for mobile in MOBILES_OF_INTERPRETERS):
        assert persona_of(number, SimulatorConfig.seed) is Persona.YES_BY_NUMBER


@pytest.mark.parametrize("tag", WORDED)
def test_every_question_about_a_visit_offers_its_numbers_in_every_language(tag: str) -> None:
    questions = [key for key in catalogue() if "\n5 = " in text_of(key, "en")]
    assert {"visit-times", "visit-reminder", "visit-cannot-come", "interpreter-lost"} < set(questions)
    for key in questions:
        numbers = [option.number for option in options_of(text_of(key, tag))]
        assert numbers == [option.number for option in options_of(text_of(key, "en"))]
        only_a_call = set(numbers) <= {"5", "0"}
        assert numbers[0] == "1" or only_a_call, "a call alone is offered, or what comes before it begins at 1"
        assert is_about_a_visit(text_of(key, tag))


def test_a_choice_in_native_digits_is_a_question_too() -> None:
    assert answer_to("১ হ্যাঁ, ২ না", first_with(Persona.YES_BY_WORD), SEED, 0) == PHRASES["bn"].yes


@given(st.sampled_from(NUMBERS), st.integers(0, 3))
def test_an_answer_takes_its_time_within_bounds(number: str, answered: int) -> None:
    assert 2 <= wait_before_answer(number, SEED, answered, (2, 20)) <= 20


@given(st.text())
def test_any_text_has_a_language_we_have_phrases_for(text: str) -> None:
    assert guess_language(text) in PHRASES


@pytest.mark.parametrize("tag", sorted(PHRASES))
def test_phrases_are_recognised_as_their_own_language(tag: str) -> None:
    says = PHRASES[tag]
    if tag in ("uk", "fa"):
        assert guess_language(f"{says.urgent} {says.free}") == tag
    else:
        assert guess_language(f"{says.no} {says.urgent} {says.free}") == tag


def test_a_handset_answers_by_itself_and_stays_silent_when_told(
    twilio: Client, phones: Phones, service: Service
) -> None:
    number = first_with(Persona.YES_BY_NUMBER, phones.config.seed)
    assert phones.post("/control/answers", {"on": True}).json() == {"on": True}
    twilio.messages.create(to=number, from_=NUMBER, body=ASK)
    wait_until(lambda: service.received)
    assert (service.received[0].fields["From"], service.received[0].fields["Body"]) == (number, "1")
    phones.post("/control/answers", {"on": False})
    assert phones.get("/control/answers").json() == {"on": False}
    assert phones.post("/control/answers", {"on": "maybe"}).status == 400


def test_a_handset_that_somebody_texts_from_answers_no_more_by_itself(
    twilio: Client, phones: Phones, service: Service
) -> None:
    number = first_with(Persona.YES_BY_NUMBER, phones.config.seed)
    phones.post("/control/answers", {"on": True})
    phones.post("/control/inbound", {"from": number, "body": "hello"})
    twilio.messages.create(to=number, from_=NUMBER, body=ASK)
    twilio.messages.create(to=first_with(Persona.YES_BY_WORD, phones.config.seed), from_=NUMBER, body=ASK)
    wait_until(lambda: len(service.received) == 2)
    assert [text.fields["Body"] for text in service.received if text.fields["From"] == number] == ["hello"]


@given(st.text())
def test_whatever_is_read_as_a_number_reads_as_itself(text: str) -> None:
    number = read_number(text)
    assert number is None or read_number(number) == number


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_any_number_can_be_shown(number: str) -> None:
    assert as_read(number)


@given(st.integers(0, 999))
def test_a_british_mobile_may_be_written_as_people_write_it(last: int) -> None:
    number = f"+447700900{last:03d}"
    assert read_number(as_read(number)) == number
    assert can_be_texted(number)
    assert not is_landline(number)


def test_the_store_opens_again_what_it_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "network.db")
    assert store.block(NUMBER, NUMBERS[0])
    store.close()
    again = Store(tmp_path / "deep" / "network.db")
    assert again.is_blocked(NUMBER, NUMBERS[0])
    assert not again.block(NUMBER, NUMBERS[0])
    again.close()
