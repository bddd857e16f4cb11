"""`languages` and `translate`: what they answer, and what they refuse."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from bot.console import Console
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.translation import LanguageSwitch, TranslationModel
from bot.translation import fetching
from bot.translation.chrf import chrf
from bot.translation.commands import languages
from bot.translation.translate_command import translate
from bot.wording.approvals import approve_wordings
from tests.authenticators import set_up_app
from tests.factories import make_account, make_practice
from tests.translation.bad_packages import BAD, package
from tests.translation.helpers import TO_ENGLISH, TO_URDU, make_model
from tests.wording.conftest import make_reviewer

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., Result]
PAIRS = "I have a fever\tمجھے بخار ہے\nReply STOP to opt out.\tپیغامات بند کرنے کے لیے STOP لکھ کر جواب دیں۔\n"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(ROOT)
    return settings.model_copy(update={"argos_packages_dir": str(tmp_path / "argos")})


def runner(db: Database, settings: Settings) -> Run:
    console = Console()
    console.database, console.settings = db, settings

    def invoke(*words: str, stdin: str | None = None) -> Result:
        command = {"languages": languages, "translate": translate}[words[0]]
        return CliRunner().invoke(command, [*words[1:], "--json"], obj=console, input=stdin)

    return invoke


@pytest.fixture
def run(db: Database, settings: Settings) -> Run:
    return runner(db, settings)


@pytest.fixture
def live(db: Database, settings: Settings) -> Run:
    return runner(db, settings.model_copy(update={"mode": "live"}))


def said(result: Result) -> list[Any]:
    assert result.exception is None, result.exception
    return [json.loads(line) for line in result.stdout.splitlines()]


def refused(result: Result) -> str:
    assert isinstance(result.exception, Refused), result.exception or result.stdout
    assert result.exception.message.endswith((".", "…"))
    return result.exception.code


def of_urdu(run: Run) -> Any:
    [urdu] = [line for line in said(run("languages", "list")) if line["language"] == "ur"]
    return urdu


@pytest.fixture
def both(run: Run) -> None:
    for path in (TO_URDU, TO_ENGLISH):
        run("languages", "install", str(path))


def test_list_gives_a_line_a_language_with_what_it_has(run: Run) -> None:
    lines = said(run("languages", "list"))
    assert {"language", "wording", "approved", "lifelines", "lists", "danger", "model", "chrf", "on"} <= set(lines[0])
    assert [line["language"] for line in lines][:2] == ["en", "pl"]
    assert len(lines) == 41
    assert (of_urdu(run)["model"], of_urdu(run)["chrf"], of_urdu(run)["on"]) == (None, None, False)


def test_a_text_that_needs_another_reader_is_not_counted_as_approved(run: Run, db: Database) -> None:
    for reader, approved in ((make_reviewer(db), 0), (make_reviewer(db), 1)):
        approve_wordings(db, ["emergency"], "ur", reader)
        assert of_urdu(run)["approved"] == approved


def test_a_language_that_has_a_model_and_no_wording_is_listed_too(run: Run, db: Database) -> None:
    make_model(db, "en", "de")
    assert "de" in [line["language"] for line in said(run("languages", "list"))]


def test_install_says_pair_version_and_hash_and_the_list_that_it_is_for_tests(run: Run) -> None:
    [answer] = said(run("languages", "install", str(TO_URDU)))
    assert {name: answer[name] for name in ("from", "to", "version")} == {"from": "en", "to": "ur", "version": "0.1"}
    assert answer["sha256"].startswith("a4d0fe4e")
    assert of_urdu(run)["model"] == "en-ur 0.1 a4d0fe4e (trained for tests, not for patients)"
    assert of_urdu(run)["on"]


@pytest.mark.parametrize(("code", "make"), BAD.values(), ids=BAD)
def test_what_is_no_package_is_refused(run: Run, tmp_path: Path, code: str, make: Callable[[Path], Path]) -> None:
    assert refused(run("languages", "install", str(make(tmp_path)))) == code


def test_what_is_neither_a_file_nor_a_language_is_refused(run: Run) -> None:
    assert refused(run("languages", "install", "klingon")) == "unknown-language"
    assert refused(run("languages", "install", "none.argosmodel")) == "no-file"


def test_a_tag_without_internet_is_refused_in_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    assert refused(run("languages", "install", "pl")) == "no-internet"


class Index:
    """Argos's index and its packages, as urlopen gives them."""

    def __init__(self, *listed: dict[str, Any], packages: dict[str, bytes]) -> None:
        self.asked: list[str] = []
        self._answers = {fetching.INDEX: json.dumps(listed).encode(), **packages}

    def __call__(self, request: Any, **_: object) -> io.BytesIO:
        self.asked.append(request.full_url)
        return io.BytesIO(self._answers[request.full_url])


def listed(source: str, target: str, version: str, link: str) -> dict[str, Any]:
    return {"from_code": source, "to_code": target, "package_version": version, "links": ["ipfs://x", link]}


def test_a_tag_fetches_the_newest_package_of_both_directions(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    there, back, old = (f"https://packages.example/{name}" for name in ("en_ur", "ur_en", "old"))
    index = Index(
        listed("en", "ur", "1.9", old),
        listed("en", "ur", "1.10", there),
        listed("ur", "en", "1.9", back),
        listed("en", "so", "1.0", old),
        packages={there: TO_URDU.read_bytes(), back: TO_ENGLISH.read_bytes()},
    )
    monkeypatch.setattr("urllib.request.urlopen", index)
    answers = said(run("languages", "install", "ur"))
    assert [(each["from"], each["to"]) for each in answers] == [("en", "ur"), ("ur", "en")]
    assert index.asked == [fetching.INDEX, there, back]
    assert refused(run("languages", "install", "so")) == "no-model"
    assert refused(run("languages", "install", "vi")) == "no-model"


def test_a_package_of_another_pair_than_was_asked_for_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    link = "https://packages.example/mixed-up"
    index = Index(
        listed("en", "ur", "1", link), listed("ur", "en", "1", link), packages={link: TO_ENGLISH.read_bytes()}
    )
    monkeypatch.setattr("urllib.request.urlopen", index)
    assert refused(run("languages", "install", "ur")) == "other-pair"


@pytest.mark.usefixtures("both")
def test_score_is_the_mean_chrf_of_the_lines_and_is_kept_with_the_model(run: Run, tmp_path: Path, db: Database) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text(PAIRS)
    [answer] = said(run("languages", "score", str(pairs), "--from", "en", "--to", "ur"))
    assert answer == {"from": "en", "to": "ur", "lines": 2, "chrf": 100.0}
    assert of_urdu(run)["chrf"] is None, "one direction has no score yet"
    backwards = "\n".join("\t".join(reversed(line.split("\t"))) for line in PAIRS.splitlines())
    pairs.write_text(backwards + "\nمجھے بخار ہے\tSomething else\n")
    [answer] = said(run("languages", "score", str(pairs), "--from", "ur", "--to", "en"))
    assert answer["chrf"] < 100
    assert of_urdu(run)["chrf"] == answer["chrf"]
    assert chrf("I have a fever", "Something else") < 20


@pytest.mark.parametrize("content", ["", "\n\n", "one column\n", "a\t\n", "\tb\n", b"\xff\xfe\x00"])
def test_a_file_that_is_no_pairs_is_refused(run: Run, tmp_path: Path, content: str | bytes) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_bytes(content.encode() if isinstance(content, str) else content)
    assert refused(run("languages", "score", str(pairs), "--from", "en", "--to", "ur")) == "bad-file"


def test_nothing_is_scored_without_a_file_or_a_model(run: Run, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    assert refused(run("languages", "score", str(pairs), "--from", "en", "--to", "ur")) == "no-file"
    pairs.write_text(PAIRS)
    assert refused(run("languages", "score", str(pairs), "--from", "en", "--to", "ur")) == "no-model"
    assert refused(run("languages", "score", str(pairs), "--from", "en", "--to", "tlh")) == "unknown-language"


@pytest.mark.usefixtures("both")
def test_translate_gives_the_text_the_way_back_and_every_check(run: Run) -> None:
    [answer] = said(run("translate", "--from", "en", "--to", "ur", "Your test results are not normal."))
    assert answer["back"] == "Your test results are not normal."
    assert answer["ok"] is True
    assert {"check", "ok", "why"} == set(answer["checks"][0])


@pytest.mark.usefixtures("both")
def test_a_number_the_model_drops_is_said(run: Run) -> None:
    [answer] = said(run("translate", "--from", "en", "--to", "ur", "Please call 07700 900123 to cancel."))
    assert answer["ok"] is False
    assert any("07700 900123" in check["why"] for check in answer["checks"])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("👍👍", "nothing-to-translate"),
        ("مجھے بخار ہے", "same-language"),
        ("x" * 2001, "too-long"),
        ("hello there", "no-model"),
    ],
)
def test_what_is_not_translated_is_refused_in_a_sentence(run: Run, words: str, code: str) -> None:
    assert refused(run("translate", "--from", "en", "--to", "ur", words)) == code


@pytest.mark.usefixtures("both")
def test_lines_are_answered_one_by_one_and_a_bad_one_stops_nothing(run: Run) -> None:
    lines = ['{"text": "I have a fever"}', "no JSON", "[]", '{"text": "مجھے بخار ہے", "from": "ur", "to": "en"}']
    lines += ['{"text": "x", "to": "tlh"}', '{"text": "half a character \\ud800"}']
    result = run("translate", "--from", "en", "--to", "ur", stdin="\n".join(lines))
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    refusals = [None, "bad-line", "bad-line", None, "unknown-language", "bad-line"]
    assert [each.get("refused") for each in answers] == refusals
    assert answers[3]["text"] == "I have a fever"


def test_a_model_that_was_changed_is_named_by_the_list_and_not_used(run: Run, db: Database, settings: Settings) -> None:
    run("languages", "install", str(TO_URDU))
    with db.read() as session:
        folder = session.exec(select(TranslationModel.folder)).one()
    (settings.argos_folder / folder / "README.md").write_text("another")
    assert refused(run("translate", "--from", "en", "--to", "ur", "I have a fever")) == "no-model"
    [model] = of_urdu(run)["models"]
    assert model["problem"] == "its files are not those that were installed"


@pytest.mark.usefixtures("both")
def test_a_language_is_switched_by_somebody_who_may(run: Run, db: Database) -> None:
    practice = make_practice(db)
    lead = make_account(db, Role.LEAD, practice=practice)
    staff = make_account(db, Role.PRACTICE, practice=practice)
    assert refused(run("languages", "on", "ur")) == "needs-person"
    assert refused(run("languages", "on", "ur", "--as", staff.email)) == "not-allowed"
    assert refused(run("languages", "on", "so", "--as", lead.email)) == "no-model"
    assert refused(run("languages", "on", "en", "--as", lead.email)) == "no-model"
    assert refused(run("languages", "on", "tlh", "--as", lead.email)) == "unknown-language"
    for state, changed in (("on", True), ("on", False), ("off", True), ("off", False)):
        [answer] = said(run("languages", state, "ur", "--as", lead.email))
        assert answer == {"language": "ur", "on": state == "on", "changed": changed}


def test_in_live_a_language_is_scored_both_ways_before_a_person_with_a_code_switches_it_on(
    live: Run, db: Database, settings: Settings, tmp_path: Path
) -> None:
    lead = make_account(db, Role.LEAD, practice=make_practice(db))
    assert refused(live("languages", "on", "ur", "--as", lead.email)) == "needs-code"
    app = set_up_app(db, settings, lead)
    for source, target in (("en", "ur"), ("ur", "en")):
        make_model(db, source, target, chrf=55.0 if source == "en" else None)
    assert refused(live("languages", "on", "ur", "--as", lead.email, "--code", app.code())) == "not-scored"
    with db.write() as session:
        for model in session.exec(select(TranslationModel)):
            model.chrf = 55.0
            session.add(model)
    [answer] = said(live("languages", "on", "ur", "--as", lead.email, "--code", app.code()))
    assert answer["on"]
    with db.read() as session:
        assert session.get_one(LanguageSwitch, "ur").changed_by == lead.id
    assert refused(live("languages", "install", str(package(tmp_path)))) == "trial-package"


def test_the_commands_import_no_model() -> None:
    assert not {"argostranslate", "ctranslate2"} & set(sys.modules)
