"""The command `replies read`."""

import json

from click.testing import CliRunner

from bot.conversations.commands import replies
from bot.messaging.questions import known_questions

FIELDS = [
    *("intent", "urgent", "choice", "language", "script", "romanised", "rule", "matched", "confidence", "to_person"),
    *("concepts", "paged"),
]


def test_the_questions_are_those_that_capabilities_bring_and_those_that_come() -> None:
    for question in (*known_questions(), "slots"):
        assert CliRunner().invoke(replies, ["read", "--question", question, "1"]).exit_code == 0
    assert CliRunner().invoke(replies, ["read", "--question", "tea", "1"]).exit_code == 2


def test_one_reply_is_answered_in_json() -> None:
    answer = CliRunner().invoke(replies, ["read", "--language", "pl", "--question", "invitation", "--json", "Tak"])
    assert answer.exit_code == 0
    assert list(json.loads(answer.output)) == FIELDS


def test_people_get_a_sentence() -> None:
    answer = CliRunner().invoke(replies, ["read", "--language", "pl", "chest pain"])
    assert answer.output.startswith("Urgent: this may be an emergency.")


def test_lines_are_answered_one_by_one_and_a_bad_one_is_refused_in_its_place() -> None:
    lines = '{"text": "nie", "language": "pl", "question": "consent"}\nnonsense\n{"text": "STOP"}\n{"text": 3}\n'
    answer = CliRunner().invoke(replies, ["read", "--json"], input=lines)
    first, second, third, fourth = map(json.loads, answer.output.splitlines())
    assert (first["intent"], third["intent"], answer.exit_code) == ("no", "opt_out", 1)
    assert set(second) == set(fourth) == {"refused", "message"}


def test_an_unknown_language_or_question_is_wrong_usage() -> None:
    assert CliRunner().invoke(replies, ["read", "--language", "xx", "tak"]).exit_code == 2
    assert CliRunner().invoke(replies, ["read", "--question", "weather", "tak"]).exit_code == 2


def test_a_line_nested_beyond_reason_is_refused_and_the_next_one_answered() -> None:
    answer = CliRunner().invoke(replies, ["read", "--json"], input="[" * 100_000 + '\n{"text": "STOP"}\n')
    first, second = map(json.loads, answer.output.splitlines())
    assert (first["refused"], second["intent"], answer.exit_code) == ("bad-line", "opt_out", 1)
