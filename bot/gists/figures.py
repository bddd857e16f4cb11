"""How many gists there are and how many somebody calls wrong, by language and model; no words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import distinct, func
from sqlmodel import Session, col, select

from bot.figures import family
from bot.tables.gists import GistReport
from bot.tables.translation import GIST, Translation, TranslationState


@dataclass(frozen=True)
class GistCount:
    """The gists of one language by one model: made, and said to be wrong by at least one reader."""

    language: str
    model: str
    made: int
    wrong: int


def count_gists(session: Session) -> list[GistCount]:
    """The gists of every language and model, in that order."""
    of, by = col(Translation.source_language), func.coalesce(Translation.model, "")
    done = (Translation.purpose == GIST, Translation.state == TranslationState.DONE)
    made = _counted(session.exec(select(of, by, func.count()).where(*done).group_by(of, by)))
    about, with_model = col(GistReport.language), func.coalesce(GistReport.model, "")
    called = func.count(distinct(col(GistReport.translation_id)))
    wrong = _counted(session.exec(select(about, with_model, called).group_by(about, with_model)))
    keys = sorted(made.keys() | wrong.keys())
    return [GistCount(*key, made=made.get(key, 0), wrong=wrong.get(key, 0)) for key in keys]


def _counted(rows: Iterable[tuple[str, str, int]]) -> dict[tuple[str, str], int]:
    return {(language, model): number for language, model, number in rows}


def gist_figures(session: Session) -> Iterator[GaugeMetricFamily]:
    """Gists made, and gists called wrong."""
    counts, labels = count_gists(session), ["language", "model"]
    made = [((each.language, each.model), float(each.made)) for each in counts]
    wrong = [((each.language, each.model), float(each.wrong)) for each in counts]
    yield family("gists", "Texts a machine has put into English", labels, made)
    yield family("gists_called_wrong", "Gists that a reader says are wrong", labels, wrong)
