"""The document at /api/v1/openapi.json describes all there is, and the API does what it says, whatever is sent."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from bot.accounts.access import PUBLIC, open_to
from bot.clock import utc_now
from bot.pharmacy.api import people_pages
from bot.pharmacy.api.pages import api
from bot.pharmacy.notices import states
from bot.tables.pharmacy import TellPharmacy
from tests.pharmacy.api.program import BATCH, NOTICES, Program
from tests.pharmacy.notices.world import Town

DOCUMENT = "/api/v1/openapi.json"
SENTINEL = "sentinel-of-a-column"
PROBLEMS = {"400", "401", "404", "405", "413", "429", "500", "503"}


@pytest.fixture
def document(program: Program) -> dict[str, Any]:
    answer = program.client.get(DOCUMENT)
    assert answer.mimetype == "application/json"
    found: dict[str, Any] = answer.get_json()
    return found


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(method, path): each for path, item in document["paths"].items() for method, each in item.items()}


def test_every_route_of_the_api_is_in_the_document_and_nothing_else_is_public(
    program: Program, document: dict[str, Any]
) -> None:
    assert document["openapi"].startswith("3.1")
    rules = [rule for rule in program.app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    served = {
        (method.lower(), rule.rule.replace("<", "{").replace(">", "}"))
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == {*operations(document), ("get", DOCUMENT)}
    assert all(open_to(program.app.view_functions[rule.endpoint]) == PUBLIC for rule in rules)
    for _, path in operations(document):
        assert program.client.get(path).status_code in (401, 405)


def test_every_operation_declares_its_answers_and_its_key(document: dict[str, Any]) -> None:
    for (method, path), operation in operations(document).items():
        assert operation["security"] == [{"key": []}], path
        assert set(operation["responses"]) > PROBLEMS, path
        for status, answer in operation["responses"].items():
            kind = "application/problem+json" if status >= "4" else "application/json"
            assert list(answer["content"]) == [kind], (method, path, status)


def test_every_reference_leads_somewhere_and_every_shape_is_closed(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in shapes, reference
    for name, shape in shapes.items():
        assert shape.get("type") != "object" or shape["additionalProperties"] is False, name


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [found for value in part.values() for found in references(value)]
    return [found for value in part for found in references(value)] if isinstance(part, list) else []


def schema_of(program: Program) -> Any:
    return schemathesis.openapi.from_wsgi(DOCUMENT, program.app)


OPERATIONS = [
    pytest.param(path, method, id=f"{method} {path}")
    for path, item in api.paths.items()
    for method in ("get", "post")
    if getattr(item, method)
]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_whatever_is_sent_is_answered_as_the_document_says(
    program: Program, unlimited: None, path: str, method: str, mode: GenerationMode
) -> None:
    """Save that check digits, days that may be, and keys used before cannot be said in a schema."""
    notice = program.give().get_json()["id"]
    operation = schema_of(program)[path][method.upper()]
    own = {"id": notice, "code": program.code}

    @given(case=operation.as_strategy(generation_mode=mode), ours=st.booleans())
    @examples(
        max_examples=40,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any, ours: bool) -> None:
        if ours and mode is GenerationMode.POSITIVE:
            case.path_parameters |= {name: own[name] for name in case.path_parameters or {}}
        case.call_and_validate(
            headers={"Authorization": f"Bearer {program.key}"}, excluded_checks=[positive_data_acceptance]
        )

    ask()


def test_a_column_that_is_added_shows_in_no_answer(
    town: Town, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a room below gives beside what the document names stays here."""
    line, need = states._line, people_pages.language_need
    monkeypatch.setattr(states, "_line", lambda *given: line(*given) | {"secret": SENTINEL})
    with town.db.write() as session:
        session.add(TellPharmacy(patient_id=town.person.id or 0, yes=True, source="text", said_at=utc_now()))

    def more(*given: Any) -> Any:
        found = need(*given)
        return found and Row(found.as_json() | {"secret": SENTINEL})

    monkeypatch.setattr(people_pages, "language_need", more)
    given_one = program.give()
    answers = [
        given_one,
        program.give(),
        program.ask(BATCH, {"notices": [program.notice(), "x"]}),
        program.ask(f"{NOTICES}/{given_one.get_json()['id']}"),
        program.ask(f"{NOTICES}/{given_one.get_json()['id']}/withdraw", {}),
        program.ask(f"/api/v1/people/{program.code}/language"),
    ]
    assert [answer.status_code for answer in answers] == [201, 202, 200, 200, 200, 200]
    assert not any(SENTINEL in answer.get_data(as_text=True) for answer in answers)


class Row:
    """What a room gives."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def as_json(self) -> dict[str, Any]:
        return self._values
