"""Packages come from outside: what is not one is refused in a sentence, and nothing of it is left behind."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.audit import CONSOLE, AuditEntry
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.translation import LanguageSwitch, ModelFault, TranslationModel
from bot.translation.apart import engine_apart
from bot.translation.engines import Fault
from bot.translation.installing import fill_demo_folder, install_package, look_at_model, recorded_directions
from bot.translation.packages import TRIAL_PACKAGES, contents_of, read_package
from tests.translation.bad_packages import BAD, metadata, package
from tests.translation.helpers import TO_ENGLISH, TO_URDU, make_model

UNTRAINED = b"this is no model"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"argos_packages_dir": str(tmp_path / "argos")})


@pytest.fixture
def live(settings: Settings) -> Settings:
    return settings.model_copy(update={"mode": "live"})


def models(db: Database) -> list[TranslationModel]:
    with db.read() as session:
        return list(session.exec(select(TranslationModel).order_by(col(TranslationModel.id))))


def left_in(settings: Settings) -> list[str]:
    folder = settings.argos_folder
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize(("code", "make"), BAD.values(), ids=BAD)
def test_what_is_no_package_is_refused_in_a_sentence_and_leaves_nothing(
    db: Database, settings: Settings, tmp_path: Path, code: str, make: Callable[[Path], Path]
) -> None:
    with pytest.raises(Refused) as refused:
        install_package(db, settings, make(tmp_path), CONSOLE)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")
    assert models(db) == []
    assert left_in(settings) == []
    assert not (tmp_path / "evil").exists()
    assert not Path("/tmp/evil").exists()


def test_a_file_that_is_not_there_is_refused(db: Database, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no file"):
        install_package(db, settings, tmp_path / "none.argosmodel", CONSOLE)


def test_a_package_is_installed_and_written_down_by_its_hash(db: Database, settings: Settings) -> None:
    installed = install_package(db, settings, TO_URDU, CONSOLE)
    [model] = models(db)
    assert (installed.from_language, installed.to_language, installed.version) == ("en", "ur", "0.1")
    assert (model.sha256, model.trial, model.token_form) == (installed.sha256, True, "[1]")
    assert model.contents == contents_of(settings.argos_folder / model.folder)
    with db.read() as session:
        [entry] = session.exec(select(AuditEntry)).all()
    assert (entry.action, entry.subject, entry.detail["sha256"]) == ("install-model", "model:en-ur", model.sha256)


def test_installing_it_again_mends_it_and_leaves_one(db: Database, settings: Settings) -> None:
    install_package(db, settings, TO_URDU, CONSOLE)
    [model] = models(db)
    (settings.argos_folder / model.folder / "model" / "model.bin").write_bytes(UNTRAINED)
    look_at_model(db, settings, ("en", "ur"))
    assert [each.fault for each in models(db)] == ["changed"]
    install_package(db, settings, TO_URDU, CONSOLE)
    assert [(each.fault, each.contents) for each in models(db)] == [(None, model.contents)]
    assert left_in(settings) == [model.folder]


def test_a_model_whose_files_change_or_go_is_noted_until_they_are_back(db: Database, settings: Settings) -> None:
    install_package(db, settings, TO_URDU, CONSOLE)
    [model] = models(db)
    readme = settings.argos_folder / model.folder / "README.md"
    words = readme.read_bytes()
    readme.write_text("another")
    look_at_model(db, settings, ("en", "ur"))
    assert models(db)[0].fault == "changed"
    readme.write_bytes(words)
    look_at_model(db, settings, ("en", "ur"))
    assert models(db)[0].fault is None
    (settings.argos_folder / model.folder).rename(settings.argos_folder / "elsewhere")
    look_at_model(db, settings, ("en", "ur"))
    assert models(db)[0].fault == "missing"


def test_what_cannot_be_loaded_stays_so_until_it_is_installed_again(db: Database, settings: Settings) -> None:
    make_model(db, fault="unreadable")
    look_at_model(db, settings, ("en", "ur"))
    look_at_model(db, settings, ("en", "pl"))
    assert models(db)[0].fault == "unreadable"


def test_a_package_whose_model_does_not_translate_is_not_installed(
    db: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    engine = engine_apart(settings)
    try:
        with pytest.raises(Refused, match="does not translate") as refused:
            install_package(db, settings, package(tmp_path, **{"model/model.bin": UNTRAINED}), CONSOLE, engine)
    finally:
        engine.close()
    assert refused.value.code == "bad-package"
    assert (models(db), left_in(settings)) == ([], [])


def test_another_model_of_a_pair_takes_the_place_of_the_first_and_its_score_is_gone(
    db: Database, live: Settings, tmp_path: Path
) -> None:
    make_model(db, "en", "ur", chrf=61.5, folder="translate-en_ur-old")
    (live.argos_folder / "translate-en_ur-old").mkdir(parents=True)
    with db.write() as session:
        session.add(LanguageSwitch(language="ur", on=True, changed_at=utc_now()))
    new = install_package(db, live, package(tmp_path, **{"model/model.bin": UNTRAINED}), CONSOLE)
    [model] = models(db)
    assert (model.sha256, model.chrf, model.trial) == (new.sha256, None, False)
    assert left_in(live) == [new.folder]
    with db.read() as session:
        assert not session.get_one(LanguageSwitch, "ur").on, "it is scored before a person switches it on again"


@pytest.mark.parametrize("path", [TO_URDU, TO_ENGLISH])
def test_live_takes_no_package_that_was_trained_for_tests(db: Database, live: Settings, path: Path) -> None:
    with pytest.raises(Refused, match="not for patients") as refused:
        install_package(db, live, path, CONSOLE)
    assert refused.value.code == "trial-package"
    assert left_in(live) == []


@pytest.mark.parametrize("changes", [{}, {"metadata.json": metadata(package_version="9")}, {"README.md": "Ours."}])
def test_nor_one_that_was_packed_again(db: Database, live: Settings, tmp_path: Path, changes: dict[str, str]) -> None:
    again = package(tmp_path, **changes)
    assert read_package(again).sha256 not in TRIAL_PACKAGES
    with pytest.raises(Refused, match="not for patients"):
        install_package(db, live, again, CONSOLE)


def test_a_version_is_kept_without_what_no_version_has(tmp_path: Path) -> None:
    strange = package(tmp_path, **{"metadata.json": metadata(package_version="1.9\0\ud800\n\x1b[31m../" + "9" * 99)})
    assert read_package(strange).version == "1.931m.." + "9" * 24


@pytest.mark.parametrize("path", ["/dev/null/argos", "/proc/argos", __file__])
def test_a_folder_that_cannot_be_used_is_said_in_a_sentence(db: Database, settings: Settings, path: str) -> None:
    elsewhere = settings.model_copy(update={"argos_packages_dir": path})
    with pytest.raises(Refused, match="ARGOS_PACKAGES_DIR") as refused:
        install_package(db, elsewhere, TO_URDU, CONSOLE)
    assert refused.value.code == "no-folder"
    assert models(db) == []


def test_the_two_packages_are_the_ones_that_live_knows(db: Database, settings: Settings) -> None:
    for path in (TO_URDU, TO_ENGLISH):
        install_package(db, settings, path, CONSOLE)
    assert {model.sha256 for model in models(db)} == TRIAL_PACKAGES
    assert all(model.trial for model in models(db))


def test_the_demos_own_folder_is_filled_once_and_another_is_left_alone(
    db: Database, settings: Settings, tmp_path: Path
) -> None:
    fill_demo_folder(db, settings)
    assert models(db) == []
    demo = settings.model_copy(update={"argos_packages_dir": "", "database_url": f"sqlite:///{tmp_path}/x.db"})
    fill_demo_folder(db, demo.model_copy(update={"mode": "live"}))
    assert models(db) == []
    fill_demo_folder(db, demo)
    assert recorded_directions(db) == [("en", "ur"), ("ur", "en")]
    assert demo.argos_folder == tmp_path / "argos"
    installed = [model.installed_at for model in models(db)]
    fill_demo_folder(db, demo)
    assert [model.installed_at for model in models(db)] == installed


def test_live_looks_in_argoss_own_folder(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    live = settings.model_copy(update={"mode": "live", "argos_packages_dir": ""})
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert live.argos_folder == Path("/data/argos-translate/packages")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert live.argos_folder == Path.home() / ".local/share/argos-translate/packages"


def test_the_faults_of_a_model_are_those_a_row_may_have() -> None:
    assert set(Fault.__args__) == set(ModelFault)  # type: ignore[attr-defined]
