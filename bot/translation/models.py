"""The models that are installed, as the database knows them."""

from collections.abc import Mapping

from sqlalchemy import Update, update
from sqlmodel import Session, col, select

from bot.tables.translation import TranslationModel
from bot.translation.engines import Fault, Model


def usable_models(session: Session) -> Mapping[tuple[str, str], Model]:
    """The models nothing is known against, by direction."""
    found = session.exec(select(TranslationModel).where(col(TranslationModel.fault).is_(None)))
    return {(row.from_language, row.to_language): model_of(row) for row in found}


def model_of(row: TranslationModel) -> Model:
    """What an engine needs to know of an installed model."""
    return Model(
        from_language=row.from_language,
        to_language=row.to_language,
        version=row.version,
        sha256=row.sha256,
        contents=row.contents,
        folder=row.folder,
        token_form=row.token_form,
        trial=row.trial,
    )


def note_fault(session: Session, model: Model, fault: Fault | None) -> None:
    """Note why a model is not used, unless another has been installed meanwhile."""
    session.execute(_the_row_of(model).values(fault=fault))


def note_token_form(session: Session, model: Model, form: str) -> None:
    """Note what stands for a value in the input of a model; it belongs to these contents alone."""
    session.execute(_the_row_of(model).values(token_form=form))


def _the_row_of(model: Model) -> Update:
    return update(TranslationModel).where(
        col(TranslationModel.from_language) == model.from_language,
        col(TranslationModel.to_language) == model.to_language,
        col(TranslationModel.contents) == model.contents,
    )
