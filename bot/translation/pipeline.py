"""From words to a translation that was checked: what a model gets to see of them, and what is made of its answer.

Values are taken out, sentences go through in one batch, values are put back, and the whole is checked. Where no model
leads from one language to the other, English is on the way, and the checks still ask about the beginning and the end.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from bot.tables.translation import Failure
from bot.translation.checking import Pair, check_translation
from bot.translation.engines import Engine, EngineFailed, Fault, Model, ModelUnusable, TimedOut, Translated
from bot.translation.judging import is_in_target_script, reason_not_to
from bot.translation.protection import TOKEN_FORMS, Protected, TokenForm, probe, protect, restore, split_protected
from bot.translation.requests import path
from bot.translation.splitting import join_sentences

_FORMS = {form.name: form for form in TOKEN_FORMS}
Way = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Wanted:
    """Words, from which language into which; `kept` are names that stay, `back` asks for the way back as well."""

    words: str
    source: str
    target: str
    kept: tuple[str, ...] = ()
    back: bool = False


@dataclass(frozen=True)
class Result:
    """What came of it: a text with what the checks say, or why there is none.

    `checks` are dicts of check, ok and why; `model` and `score` as in `bot.tables.translation.Translation`. `trial`: a
    model that was trained for tests had a part in it.
    """

    text: str | None = None
    back: str | None = None
    checks: tuple[dict[str, object], ...] = ()
    ok: bool | None = None
    model: str | None = None
    score: float | None = None
    failure: Failure | None = None
    trial: bool = False


class Pipeline:
    """Translates with the models given.

    :param note_form: told what stands for a value in the input of a model, once that was tried; empty for nothing.
    :param note_fault: told of a model that cannot be used.
    """

    def __init__(
        self,
        engine: Engine,
        models: Mapping[tuple[str, str], Model],
        *,
        note_form: Callable[[Model, str], None],
        note_fault: Callable[[Model, Fault], None],
    ) -> None:
        self._engine = engine
        self._models = dict(models)
        self._note_form = note_form
        self._note_fault = note_fault
        self._forms = {model.contents: model.token_form for model in models.values()}

    def translate(self, wanted: Sequence[Wanted]) -> Iterator[tuple[int, Result]]:
        """Each with its place in what was given, as soon as it is there; nothing is left out."""
        by_pair: dict[tuple[str, str], list[int]] = {}
        for at, one in enumerate(wanted):
            if failure := reason_not_to(one.words, one.source, one.target):
                yield at, Result(failure=failure)
            else:
                by_pair.setdefault((one.source, one.target), []).append(at)
        for (source, target), places in by_pair.items():
            way = path(self._models, source, target)
            results = self._by_way(way, [wanted[at] for at in places])
            yield from zip(places, results, strict=True)

    def _by_way(self, way: Way, wanted: Sequence[Wanted], *, last: bool = False) -> Iterator[Result]:
        """All together; when that goes wrong each by itself, so that one text does not take the others with it."""
        try:
            yield from self._together(way, wanted) if way else [Result(failure=Failure.NO_MODEL)] * len(wanted)
        except ModelUnusable as unusable:
            self._set_aside(unusable)
            yield from [Result(failure=Failure.NO_MODEL)] * len(wanted)
        except (TimedOut, EngineFailed) as error:
            too_slow = isinstance(error, TimedOut)
            if last or (too_slow and len(wanted) == 1):
                yield Result(failure=Failure.TIMED_OUT if too_slow else Failure.ENGINE_FAILED)
            else:
                for one in wanted:
                    yield from self._by_way(way, [one], last=True)

    def _set_aside(self, unusable: ModelUnusable) -> None:
        self._models = {way: model for way, model in self._models.items() if model != unusable.model}
        self._note_fault(unusable.model, unusable.fault)

    def _together(self, way: Way, wanted: Sequence[Wanted]) -> Iterator[Result]:
        there = self._along(way, [Translated(one.words, 0.0) for one in wanted], [one.kept for one in wanted])
        form = self._form(self._models[way[0]])
        values = [protect(one.words, form, one.kept, one.source) for one in wanted]
        back = self._back(wanted, there, values)
        models = [self._models[step] for step in way]
        for made in zip(wanted, there, back, values, strict=True):
            yield _checked(*made, models)

    def _back(
        self, wanted: Sequence[Wanted], there: Sequence[Translated], values: Sequence[Protected]
    ) -> list[str | None]:
        """The way back of those that want it, where there is one; values stay, as whoever wrote them reads them."""
        way = path(self._models, wanted[0].target, wanted[0].source)
        asked = [at for at, one in enumerate(wanted) if one.back and way]
        kept = [(*wanted[at].kept, *values[at].expected(wanted[at].target)) for at in asked]
        came = self._along(way, [there[at] for at in asked], kept)
        found = {
            at: _as_written(made.text, values[at], wanted[at].target) for at, made in zip(asked, came, strict=True)
        }
        return [found.get(at) for at in range(len(wanted))]

    def _along(self, way: Way, texts: list[Translated], kept: Sequence[tuple[str, ...]]) -> list[Translated]:
        """One model after the other; the score is that of the least sure of them."""
        for step in way if texts else ():
            made = self._step(self._models[step], [text.text for text in texts], kept)
            texts = [Translated(new.text, min(old.score, new.score)) for old, new in zip(texts, made, strict=True)]
        return texts

    def _step(self, model: Model, texts: Sequence[str], kept: Sequence[tuple[str, ...]]) -> list[Translated]:
        form = self._form(model)
        wholes = [protect(text, form, names, model.from_language) for text, names in zip(texts, kept, strict=True)]
        sentences = [split_protected(whole) for whole in wholes]
        made = iter(self._sentences(model, [sentence for group in sentences for sentence in group]))
        return [
            _joined(whole, [next(made) for _ in group], model.to_language)
            for whole, group in zip(wholes, sentences, strict=True)
        ]

    def _sentences(self, model: Model, sentences: Sequence[Protected]) -> list[Translated]:
        """In one batch; where a token was lost the sentence goes once more with the values in it."""
        source, target = model.direction
        done = {at: as_it_is for at, one in enumerate(sentences) if (as_it_is := _left_alone(one, source, target))}
        asked = [at for at in range(len(sentences)) if at not in done]
        came = self._engine.translate(model, [sentences[at].words for at in asked])
        lost = []
        for at, translated in zip(asked, came, strict=True):
            text = restore(sentences[at], translated.text, target)
            if text is None:
                lost.append(at)
            else:
                done[at] = Translated(text, translated.score)
        bare = self._engine.translate(model, [_bare(sentences[at]) for at in lost])
        done.update(zip(lost, bare, strict=True))
        return [done[at] for at in range(len(sentences))]

    def _form(self, model: Model) -> TokenForm | None:
        """What stands for a value; tried once for each model."""
        name = self._forms.get(model.contents)
        if name is None:
            name = self._forms[model.contents] = find_token_form(self._engine, model)
            self._note_form(model, name)
        return _FORMS.get(name)


def find_token_form(engine: Engine, model: Model) -> str:
    """The name of what stands for a value in the input of a model, by trial; empty when nothing comes through.

    Raises what the engine raises.
    """

    def texts(sentences: list[str]) -> list[str]:
        return [translated.text for translated in engine.translate(model, sentences)]

    form = probe(texts, model.from_language)
    return form.name if form else ""


def _checked(one: Wanted, there: Translated, back: str | None, values: Protected, models: Sequence[Model]) -> Result:
    pair = Pair(
        source=one.words,
        text=there.text,
        source_language=one.source,
        target_language=one.target,
        back=back,
        score=there.score,
        values=values.expected(one.target),
    )
    checks = check_translation(pair)
    return Result(
        text=there.text,
        back=back,
        checks=tuple(asdict(check) for check in checks),
        ok=all(check.ok for check in checks),
        model=" + ".join(model.name for model in models),
        score=there.score,
        trial=any(model.trial for model in models),
    )


def _as_written(back: str, values: Protected, target: str) -> str:
    """The values in what came back, as they stood in the source."""
    for value, expected in zip(values.values, values.expected(target), strict=True):
        back = back.replace(expected, value)
    return back


def _left_alone(sentence: Protected, source: str, target: str) -> Translated | None:
    """A sentence without words, or already in the letters of the target, is no business of the model's."""
    words = sentence.form.pattern.sub("", sentence.words) if sentence.form else sentence.words
    if any(map(str.isalpha, words)) and not is_in_target_script(words, source, target):
        return None
    return Translated(restore(sentence, sentence.words, target) or _bare(sentence), 0.0)


def _bare(sentence: Protected) -> str:
    """The sentence as it was written."""
    return restore(sentence, sentence.words) or sentence.words


def _joined(whole: Protected, made: Sequence[Translated], language: str) -> Translated:
    """The sentences with what stood between them, and the score of the one the model is least sure of."""
    text = join_sentences([one.text for one in made], whole.words, language)
    return Translated(text, min((one.score for one in made), default=0.0))
