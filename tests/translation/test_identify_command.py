"""`languages identify`: one text, or a line each."""

import json

from click.testing import CliRunner, Result

from bot.translation.commands import languages


def identify(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(languages, ["identify", *words], input=stdin)


def test_a_text_is_answered_in_json_and_in_words() -> None:
    answer = json.loads(identify("--json", "Nie mogę przyjść w środę").output)
    assert list(answer) == ["language", "confidence", "script"]
    assert (answer["language"], answer["script"]) == ("pl", "Latn")
    assert identify("Nie mogę przyjść w środę").output.startswith("Polish, ")
    assert identify("kal nahi aa sakta").output == "We are not sure which language this is.\n"


def test_a_line_is_a_string_or_has_the_recorded_language_as_a_hint() -> None:
    lines = '"Nie mogę przyjść w środę"\n{"text": "tak", "language": "pl"}\n{"text": "tak"}\n""\n'
    answer = identify(stdin=lines)
    found = [json.loads(line)["language"] for line in answer.output.splitlines()]
    assert (found, answer.exit_code) == (["pl", "pl", None, None], 0)


def test_a_broken_line_is_answered_in_its_place_and_the_rest_goes_on() -> None:
    lines = 'bad\n[]\n{"text": 3}\n{"text": "tak", "language": "xx"}\n' + "[" * 100_000 + '\n"Tak, dziękuję bardzo"\n'
    answer = identify(stdin=lines)
    answers = [json.loads(line) for line in answer.output.splitlines()]
    assert [set(each) for each in answers[:-1]] == [{"refused", "message"}] * 5
    assert (answers[-1]["language"], answer.exit_code) == ("pl", 1)


def test_an_unknown_recorded_language_is_wrong_usage() -> None:
    assert identify("--language", "xx", "tak").exit_code == 2
