"""Installing translation packages: looked through, tried out, put in their folder, and written down by their hash."""

import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from bot.audit import CONSOLE, Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.private_files import FOLDER
from bot.refusals import Refused
from bot.rows import update_row
from bot.settings import Settings
from bot.tables.translation import LanguageSwitch, TranslationModel
from bot.translation.engines import Engine, EngineFailed, Model, ModelUnusable, TimedOut
from bot.translation.models import model_of, note_fault
from bot.translation.packages import (
    TRIAL_FOLDER,
    TRIAL_FORM,
    TRIAL_PACKAGES,
    Package,
    contents_of,
    fault_of,
    read_package,
    unpack,
)
from bot.translation.pipeline import find_token_form


def install_package(
    db: Database, settings: Settings, path: Path, actor: Actor, engine: Engine | None = None
) -> Package:
    """Install a package file in the place of an earlier one of its direction.

    :param engine: tries a model out before it is put in place; the two for tests need none.
    :raises Refused: `no-file`, `no-package`, `bad-package`, `other-pair`; `no-folder`; `trial-package` in live.
    """
    if not path.is_file():
        raise Refused("no-file", f"There is no file {path}.")
    package = read_package(path)
    _refuse_trained_for_tests(package, settings)
    try:
        _put_in_place(db, settings, package, actor, engine)
    except OSError as error:
        raise _folder_unusable(settings.argos_folder, error) from error
    return package


def _refuse_trained_for_tests(package: Package, settings: Settings) -> None:
    """Live takes neither of the two, however they are packed; demo takes them, and says what they are."""
    if package.trial and settings.live:
        message = f"{package.path.name} was trained for tests, not for patients. Live does not take it."
        raise Refused("trial-package", message)


def _put_in_place(db: Database, settings: Settings, package: Package, actor: Actor, engine: Engine | None) -> None:
    settings.argos_folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    new = unpack(package, settings.argos_folder)
    try:
        model = _model(package, new)
        form = TRIAL_FORM if model.sha256 in TRIAL_PACKAGES else _try_out(model, engine, package.path.name)
        place = settings.argos_folder / package.folder
        shutil.rmtree(place, ignore_errors=True)
        new.rename(place)
        _write_down(db, settings, replace(model, folder=package.folder, token_form=form), actor)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _folder_unusable(folder: Path, error: OSError) -> Refused:
    why = error.strerror or "it cannot be written"
    message = f"The folder of packages {folder} cannot be used: {why}. Mend that, or set ARGOS_PACKAGES_DIR to another."
    return Refused("no-folder", message)


def _model(package: Package, new: Path) -> Model:
    """The model where it lies now."""
    pair = (package.from_language, package.to_language)
    return Model(*pair, package.version, package.sha256, contents_of(new), new.name, trial=package.trial)


def _try_out(model: Model, engine: Engine | None, name: str) -> str | None:
    """What stands for a value in its input, None when nobody tried; a model that does not translate is refused."""
    if engine is None:
        return None
    try:
        return find_token_form(engine, model)
    except (ModelUnusable, TimedOut, EngineFailed) as error:
        message = f"The model in {name} cannot be used: it does not translate. It is not installed."
        raise Refused("bad-package", message) from error


def _write_down(db: Database, settings: Settings, model: Model, actor: Actor) -> None:
    values = asdict(model) | {"fault": None, "installed_at": utc_now()}
    # Twice: another machine may install a model of this direction at the same moment.
    former = db.write_with_retry(lambda session: _take_the_place(session, settings, model, values, actor))
    if former != model.folder:
        shutil.rmtree(settings.argos_folder / former, ignore_errors=True)


def _take_the_place(session: Session, settings: Settings, model: Model, values: dict[str, Any], actor: Actor) -> str:
    """Gives the folder of the model that was there before."""
    row = _row(session, *model.direction)
    former = row.folder if row else model.folder
    if row is None:
        session.add(TranslationModel(**values))
    else:
        if row.contents != model.contents:
            values = values | {"chrf": None}
            _switch_off(session, settings, model)
        update_row(session, row, **values)
    direction = "-".join(model.direction)
    record(session, actor, "install-model", f"model:{direction}", version=model.version, sha256=model.sha256)
    return former


def _switch_off(session: Session, settings: Settings, model: Model) -> None:
    """Another model is scored before a person switches its language on again; in demo nobody has to."""
    if not settings.live:
        return
    for tag in model.direction:
        switch = session.get(LanguageSwitch, tag)
        if switch is not None and switch.on:
            switch.on, switch.changed_by, switch.changed_at = False, None, utc_now()
            session.add(switch)


def _row(session: Session, from_language: str, to_language: str) -> TranslationModel | None:
    return session.exec(
        select(TranslationModel).where(
            TranslationModel.from_language == from_language, TranslationModel.to_language == to_language
        )
    ).first()


def recorded_directions(db: Database) -> list[tuple[str, str]]:
    """Every direction that has a model, used or not."""
    with db.read() as session:
        found = select(TranslationModel.from_language, TranslationModel.to_language)
        return list(session.exec(found.order_by(col(TranslationModel.id))))


def look_at_model(db: Database, settings: Settings, direction: tuple[str, str]) -> None:
    """Hold the files of a model against what was installed, and note what is wrong, or that nothing is any more."""
    with db.read() as session:
        row = _row(session, *direction)
    if row is None or row.fault == "unreadable":  # until it is installed again
        return
    fault = fault_of(settings.argos_folder / row.folder, row.contents, live=settings.live)
    if fault != row.fault:
        with db.write() as session:
            note_fault(session, model_of(row), fault)


def fill_demo_folder(db: Database, settings: Settings) -> None:
    """Put the two test packages into the demo's own folder, when it is made and when the database is new."""
    if settings.live or settings.argos_packages_dir.strip() or not TRIAL_FOLDER.is_dir():
        return
    if settings.argos_folder.is_dir() and recorded_directions(db):
        return
    for path in sorted(TRIAL_FOLDER.glob("*.argosmodel")):
        install_package(db, settings, path, CONSOLE)
