"""How well a model does on sentences whose translation is known, before anybody relies on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import update
from sqlmodel import col

from bot.database import Database
from bot.refusals import Refused
from bot.rows import chunks
from bot.tables.translation import TranslationModel
from bot.translation.chrf import chrf
from bot.translation.engines import Engine, EngineFailed, Model, ModelUnusable, TimedOut
from bot.translation.models import note_fault, usable_models
from bot.translation.packages import pair_in_words
from bot.translation.splitting import join_sentences, split_sentences

MOST_LINES = 10_000
AT_ONCE = 32


@dataclass(frozen=True)
class Score:
    """The mean chrF of the lines of a parallel file, 0 to 100."""

    lines: int
    chrf: float


def score_model(
    db: Database, engine: Engine, path: Path, direction: tuple[str, str], progress: Callable[[int, int], None]
) -> Score:
    """Translate the first column of a TSV and hold it against the second; the score is noted with the model.

    The model is scored by itself: values are left in the sentences, as the file has them.

    :raises Refused: `no-file`, `bad-file`, `no-model`, `engine-failed`.
    """
    pairs = list(_read(path))
    with db.read() as session:
        model = usable_models(session).get(direction)
    if model is None:
        raise Refused("no-model", f"There is no model for {pair_in_words(*direction)} here. Install its package first.")
    points: list[float] = []
    for piece in chunks(pairs, AT_ONCE):
        translated = _translated(db, engine, model, [source for source, _ in piece])
        points += [chrf(text, reference) for text, (_, reference) in zip(translated, piece, strict=True)]
        progress(len(points), len(pairs))
    score = Score(len(points), round(sum(points) / len(points), 1))
    with db.write() as session:
        its_row = update(TranslationModel).where(col(TranslationModel.contents) == model.contents)
        session.execute(its_row.values(chrf=score.chrf))
    return score


def _read(path: Path) -> Iterator[tuple[str, str]]:
    if not path.is_file():
        raise Refused("no-file", f"There is no file {path}.")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise Refused("bad-file", f"{path.name} is not text in UTF-8.") from None
    if not any(map(str.strip, lines)) or len(lines) > MOST_LINES:
        raise Refused("bad-file", f"{path.name} should have 1 to {MOST_LINES:,} lines: source, a tab, its translation.")
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.split("\t")]
        if not line.strip():
            continue
        if len(cells) < 2 or not cells[0] or not cells[1]:
            raise Refused("bad-file", f"Line {number} of {path.name} should be a source, a tab and its translation.")
        yield cells[0], cells[1]


def _translated(db: Database, engine: Engine, model: Model, texts: list[str]) -> list[str]:
    sentences = [split_sentences(text) for text in texts]
    try:
        made = iter(engine.translate(model, [sentence for group in sentences for sentence in group]))
    except ModelUnusable as unusable:
        with db.write() as session:
            note_fault(session, model, unusable.fault)
        raise Refused("no-model", f"The model {model.name} is not what was installed: install it again.") from None
    except (TimedOut, EngineFailed) as error:
        raise Refused("engine-failed", f"The model {model.name} failed on this file.") from error
    return [
        join_sentences([next(made).text for _ in group], text) for text, group in zip(texts, sentences, strict=True)
    ]
