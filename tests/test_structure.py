"""The picture everyone builds to, held against the code itself: rooms, declarations, texts, pages and tables."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import click
import pytest
from sqlmodel import SQLModel

import bot.tables
from bot.capabilities import CAPABILITIES, PROCESSES
from bot.capability import Capabilities, Capability, Command, Job, imported
from bot.partners.purposes import PurposeTexts
from bot.texts.catalogue import catalogue

ROOT = Path(__file__).resolve().parents[1]
BROUGHT = Capabilities(CAPABILITIES)
NAMED = [field.name for field in fields(Capability) if field.name not in ("name", "commands", "jobs", "retention")]


def name_of(path: Path) -> str:
    """A file as a module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the service, as it is written."""
    files = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "jobs").rglob("*.py")]
    return {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(files)}


def of_the_service() -> dict[str, ast.Module]:
    """Those without the simulator, which is no part of what runs in earnest."""
    return {name: tree for name, tree in modules().items() if not name.startswith("bot.simulator")}


def imports_of(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """What is imported anywhere below a node, and in which line; nothing here imports by a dot."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: say where it is from"
            # `from bot import audit` names the module by its second half.
            yield from ((_whole(node.module or "", alias.name), node.lineno) for alias in node.names)


def _whole(module: str, name: str) -> str:
    return f"{module}.{name}" if f"{module}.{name}" in modules() else module


def room_of(module: str) -> str | None:
    """The room of a module of ours; None for others, and for what stands outside the order."""
    parts = module.split(".")
    return parts[1] if parts[0] == "bot" and len(parts) > 1 and parts[1] not in OUTSIDE else None


def the_contract() -> dict[str, list[str]]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    [layers] = [contract for contract in contracts if contract["type"] == "layers"]
    return layers


OUTSIDE = set(the_contract()["exhaustive_ignores"])
LAYERS = [{room.strip() for room in re.split("[:|]", layer)} for layer in reversed(the_contract()["layers"])]
"""The rooms from the ground up, as pyproject.toml has them."""
HEIGHT = {room: height for height, rooms in enumerate(LAYERS) for room in rooms}


def test_every_room_has_its_place_in_the_order() -> None:
    rooms = {room for module in modules() if (room := room_of(module))}
    assert rooms == set(HEIGHT)
    assert sum(len(rooms) for rooms in LAYERS) == len(HEIGHT), "a room stands twice"


def test_no_room_uses_one_above_it_not_even_inside_a_function() -> None:
    above = [
        f"{module} line {line} uses {used}"
        for module, tree in of_the_service().items()
        for used, line in imports_of(tree)
        if (own := room_of(module)) and (other := room_of(used)) and HEIGHT[other] > HEIGHT[own]
    ]
    assert above == []


def test_rooms_have_no_cycle_even_among_those_side_by_side() -> None:
    uses: dict[str, set[str]] = {room: set() for room in HEIGHT}
    for module, tree in of_the_service().items():
        if own := room_of(module):
            uses[own] |= {other for used, _ in imports_of(tree) if (other := room_of(used)) and other != own}
    while free := [room for room, others in uses.items() if not others]:
        for room in free:
            del uses[room]
        for others in uses.values():
            others.difference_update(free)
    assert uses == {}, "these rooms go round in circles"


def test_nobody_imports_the_simulator_or_what_starts_the_service() -> None:
    used = {used for tree in of_the_service().values() for used, _ in imports_of(tree)}
    assert not [name for name in used if name.startswith(("bot.simulator", "bot.__main__"))]


def test_a_declaration_imports_nothing_but_what_it_is_made_of() -> None:
    for package in CAPABILITIES:
        assert {used for used, _ in imports_of(modules()[package])} == {"bot.capability"}, package


def declared() -> list[tuple[str, str, str]]:
    """Package, field and name of everything that declarations name."""
    found = []
    for package, capability in zip(CAPABILITIES, BROUGHT.declared, strict=True):
        for name in NAMED:
            brought = getattr(capability, name)
            named = brought.values() if name == "wishes" else brought
            found += [(package, name, place) for place in named]
        works: list[Command | Job] = [*capability.commands, *capability.jobs, *capability.retention]
        found += [(package, "runs", work.runs) for work in works]
    return found


def test_every_capability_is_called_like_its_folder() -> None:
    assert [f"bot.{capability.name}" for capability in BROUGHT.declared] == list(CAPABILITIES)


def test_every_package_that_declares_something_is_a_capability() -> None:
    declares = {
        name
        for name, tree in of_the_service().items()
        for node in tree.body
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "CAPABILITY" for target in node.targets)
    }
    assert declares == set(CAPABILITIES)


@pytest.mark.parametrize(("package", "field", "named"), declared(), ids=lambda value: str(value).replace("bot.", ""))
def test_what_a_declaration_names_is_there_and_its_own(package: str, field: str, named: str) -> None:
    assert imported(named) is not None
    assert named.partition(":")[0].startswith(f"{package}."), f"{field} of {package} lies elsewhere"


def test_what_a_capability_brings_is_asked_for() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    asked = set(re.findall(r'bring\("([a-z_]+)"\)', source)) | {"wishes"}
    assert asked == set(NAMED)
    assert {field for _, field, _ in declared()} - {"runs"} <= asked


def commands() -> list[Command]:
    return [*PROCESSES, *(command for capability in BROUGHT.declared for command in capability.commands)]


def everything_under(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from everything_under(below, f"{path} {name}")


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name)
def test_every_command_says_what_it_is_for(command: Command) -> None:
    assert command.help.strip().endswith(".")
    for path, found in everything_under(imported(command.runs), command.name):
        assert (found.help or "").strip(), f"{path} has no help"


def twice(names: list[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def test_no_two_things_have_one_name() -> None:
    of = BROUGHT.bring
    named: dict[str, list[str]] = {
        "commands": [command.name for command in commands()],
        "jobs": [job.name for capability in BROUGHT.declared for job in (*capability.jobs, *capability.retention)],
        "questions": [question.name for question in of("questions")],
        "subjects": [subject.name for subject in of("subjects")],
        "criteria": [criteria.name for criteria in of("criteria")],
        "purposes": [purpose.name for purpose in of("purposes")],
        "actions": [action.name for action in of("actions")],
        "reasons": [code for reasons in of("reasons") for code in reasons],
        "rights": [right.name for right in of("rights")],
        "wishes": [intent for capability in BROUGHT.declared for intent in capability.wishes],
        "pages": [page.name for page in (*of("pages"), *of("machine_pages"))],
        "guards": [f"{guard.subject} {kind}" for guard in of("guards") for kind in guard.kinds],
        "places": [place.path for place in of("navigation")],
    }
    assert {socket: found for socket, names in named.items() if (found := twice(names))} == {}


def test_every_guard_is_of_a_subject_there_is() -> None:
    subjects = {subject.name for subject in BROUGHT.bring("subjects")}
    assert {guard.subject for guard in BROUGHT.bring("guards")} <= subjects


ROLES = [field.name.replace("_", "-") for field in fields(PurposeTexts)]
ENDINGS = {
    "-" + "-".join(parts[at:]) for key in catalogue() for parts in [key.split("-")] for at in range(1, len(parts))
}
ENDINGS |= {f"-{role}" for role in ROLES}
BEGINNINGS = {
    "-".join(parts[:at]) + "-" for key in catalogue() for parts in [key.split("-")] for at in range(1, len(parts))
}
NO_KEYS = {"campaign-", "call-", "text-"}
"""Beginnings that other words share."""


def pieces_put_together(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Constant parts of f-strings, of strings added up and of templates to fill, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value for part in node.values if isinstance(part, ast.Constant)]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            parts = [side.value for side in (node.left, node.right) if isinstance(side, ast.Constant)]
            parts = [piece for part in parts if isinstance(part, str) for piece in part.split("%s")]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            template = node.func.value
            parts = re.split(r"\{[^}]*\}", template.value) if isinstance(template, ast.Constant) else []
        else:
            continue
        yield from ((part, node.lineno) for part in parts if isinstance(part, str))


def looks_like_a_piece_of_a_key(part: str) -> bool:
    return part in ENDINGS or (part in BEGINNINGS and part not in NO_KEYS)


def test_no_key_of_a_text_is_put_together_from_pieces() -> None:
    found = [
        f"{module} line {line}: {part}"
        for module, tree in of_the_service().items()
        for part, line in pieces_put_together(tree)
        if looks_like_a_piece_of_a_key(part)
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        'f"{purpose}-invitation"',
        'f"fuel-poverty-{role}"',
        'purpose + "-consent"',
        '"%s-no-thanks" % purpose',
        '"{}-place-found".format(purpose)',
        'f"opt-{way}-receipt"',
    ],
)
def test_a_key_put_together_in_any_of_these_ways_would_be_found(source: str) -> None:
    assert any(looks_like_a_piece_of_a_key(part) for part, _ in pieces_put_together(ast.parse(source)))


def speaks_to_people(tree: ast.Module) -> bool:
    """Whether `say` in this module is the one that answers a person, not the console's."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "bot.conversations.exchange"
        and any(alias.name == "say" for alias in node.names)
        for node in ast.walk(tree)
    )


def keys_written_out(module: str, tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Text keys that stand in a call, with their lines."""
    says = speaks_to_people(tree) or module == "bot.conversations.exchange"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        given = [word.value for word in node.keywords if word.arg == "text_key"]
        given += node.args[1:2] if says and called == "say" else []
        given += node.args[:1] if called in ("compose", "language_for", "draft_languages", "about_a_partner") else []
        given += [word.value for word in node.keywords] if called == "PurposeTexts" else []
        for value in given:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value, node.lineno


def test_every_key_that_is_written_out_is_one_of_the_catalogue() -> None:
    known = {*catalogue(), *(field.name for field in fields(PurposeTexts))}
    written = [
        (key, f"{module} line {line}")
        for module, tree in of_the_service().items()
        for key, line in keys_written_out(module, tree)
    ]
    assert [where for where in written if where[0] not in known] == []
    assert {"wrong-number", "opt-in-receipt", "english-classes-waiting"} <= {key for key, _ in written}


def constants_of(tree: ast.AST) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_the_number_in_a_text_is_chosen_in_one_place() -> None:
    says = {module: constants_of(tree) for module, tree in of_the_service().items()}
    of_the_country = {module for module, words in says.items() if "111" in words}
    assert of_the_country == {"bot.messaging.from_practice", "bot.texts.check", "bot.translation.keywords"}
    fills_it_in = {module for module, words in says.items() if "practice_phone" in words}
    assert fills_it_in == {"bot.messaging.from_practice", "bot.conversations.answering"}  # which refuses without one


KNOW_FLASK = {
    "bot.web",
    "bot.app",
    "bot.home",
    "bot.serving",
    "bot.accounts.access",
    "bot.accounts.acting",
    "bot.bodies",
    "bot.logs",
}
"""Beside pages and webhooks: what pages share, the roof, and the log's line a request."""


def test_only_pages_webhooks_and_what_they_share_know_flask() -> None:
    knows = {
        module
        for module, tree in of_the_service().items()
        if any(re.match(r"(flask|flask_wtf|werkzeug)\b", used) for used, _ in imports_of(tree))
    }
    others = {module for module in knows if not module.endswith(("pages", "webhooks"))}
    assert others == KNOW_FLASK


def test_nobody_below_the_roof_takes_anything_from_a_page() -> None:
    pages = {module for module in of_the_service() if module.endswith(("pages", "webhooks"))}
    taken = [
        (module, used)
        for module, tree in of_the_service().items()
        for used, _ in imports_of(tree)
        if used in pages and module not in {*pages, "bot.app"}
    ]
    assert taken == []


def tables_written_in() -> dict[str, list[str]]:
    """Every table with the modules in which a class says that it is its."""
    found: dict[str, list[str]] = {}
    for module, tree in of_the_service().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any(word.arg == "table" for word in node.keywords):
                named = [
                    line.value.value
                    for line in node.body
                    if isinstance(line, ast.Assign)
                    and getattr(line.targets[0], "id", "") == "__tablename__"
                    and isinstance(line.value, ast.Constant)
                ]
                assert len(named) == 1, f"{node.name} does not say what its table is called"
                found.setdefault(str(named[0]), []).append(module)
    return found


def test_every_table_is_of_one_module_and_one_import_knows_them_all() -> None:
    written = tables_written_in()
    assert {table: owners for table, owners in written.items() if len(owners) > 1} == {}
    assert set(written) == set(bot.tables.metadata.tables) == set(SQLModel.metadata.tables)
    known = {used for used, _ in imports_of(modules()["bot.tables"]) if used.startswith("bot.")}
    assert {owner for [owner] in written.values()} == known


def test_every_file_of_tables_is_imported_and_holds_some() -> None:
    files = {module for module in modules() if module.startswith("bot.tables.")}
    known = {used for used, _ in imports_of(modules()["bot.tables"])}
    assert files == {used for used in known if used.startswith("bot.tables.")}
    assert files <= {owner for owners in tables_written_in().values() for owner in owners}


def test_no_capability_but_the_ground_keeps_a_table_in_its_own_folder() -> None:
    owners = {owner for owners in tables_written_in().values() for owner in owners}
    assert {owner for owner in owners if not owner.startswith("bot.tables.")} == {"bot.audit"}


def at_the_console(module: str) -> bool:
    in_rooms = {"bot.console", "bot.processes", "bot.operations.restoring"}
    return module in in_rooms or module.endswith(("commands", "_check"))


def messages_of(tree: ast.AST) -> Iterator[str]:
    """The sentences of refusals, without what they say by command."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
            for part in ast.walk(node.args[1]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def test_no_refusal_tells_a_page_a_command() -> None:
    names = "|".join(command.name for command in commands())
    a_command = re.compile(rf"--[a-z]|python -m|: ({names}) [a-z]")
    told = [
        (module, message)
        for module, tree in of_the_service().items()
        if not at_the_console(module)
        for message in messages_of(tree)
        if a_command.search(message)
    ]
    assert told == []
