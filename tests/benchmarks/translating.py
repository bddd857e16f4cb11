"""Machine translation: a batch against one by one, the memory of two models, and how long staff wait for a gist."""

import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

from sqlmodel import select

from bot.audit import CONSOLE
from bot.database import Database
from bot.rows import chunks
from bot.tables.translation import Translation, TranslationState
from bot.translation.apart import EngineApart, engine_apart
from bot.translation.engine import ArgosEngine
from bot.translation.engines import Model
from bot.translation.installing import install_package
from bot.translation.requests import ask_for_translation
from bot.translation.splitting import split_sentences
from bot.translation.translator import AT_ONCE, Translator
from tests.benchmarks.databases import POSTGRESQL, SQLITE, Databases, opened, settings_for
from tests.benchmarks.measuring import Figure, Timed, apart, side_by_side
from tests.benchmarks.reporting import Section, section_of
from tests.benchmarks.sizes import Sizes
from tests.translation.helpers import TO_ENGLISH, TO_URDU, unpacked

AIM = 1.8
REPLIES = ("مجھے بخار ہے", "میرے سینے میں درد ہے", "میں پیر کو نہیں آ سکتا")
GISTS = 20
_TEXTS = (
    "Your appointment is on {day} December at {hour}am.",
    "Please call us before {day} December. Reply STOP to opt out.",
    "Your test results are not normal. Please phone the surgery at {hour}am.",
    "Please bring your tablets with you. Your appointment is at {hour}am.",
    "You have {day} tablets left. Please order more before {hour}am on Monday.",
)


def run(made: Databases, sizes: Sizes) -> Section:
    """Texts a second in batches and one by one; below the table, memory and seconds."""
    with tempfile.TemporaryDirectory() as folder, one_thread():
        models = [unpacked(Path(folder), path) for path in (TO_URDU, TO_ENGLISH)]
        against = {"one by one": alone, "Argos's own translate()": by_argos}
        figures = [
            _figure(sizes, Path(folder), models[0], f"{what}, with the same splitter and thread", job)
            for what, job in against.items()
        ]
        before, after = memory(Path(folder), models)
    waits = {kind: gist_seconds(made.new(kind)) for kind in (SQLITE, POSTGRESQL)}
    text = (
        f"{sizes.translated} texts of one or two sentences through the small English-Urdu model of the tests, in "
        f"batches of {AT_ONCE}, as the translator claims them, in seconds of one processor. A real model is some "
        f"twenty times larger, and gains more by batches. The child that translates holds {before:.0f} MB before and "
        f"{after:.0f} MB after it has loaded both models. From a reply to its gist, {GISTS} times, one at a time: "
        f"{_in_words(waits)}."
    )
    return section_of("translating", "Translating", text, figures)


def _figure(sizes: Sizes, folder: Path, model: Model, baseline: str, job: Any) -> Figure:
    ours, theirs = side_by_side(
        sizes.rounds,
        lambda number: apart(in_batches, str(folder), model, sizes.translated, number),
        lambda number: apart(job, str(folder), model, sizes.translated, number),
    )
    return Figure("translate", f"{sizes.translated} texts", "", baseline, ours, theirs, AIM)


def texts(count: int, seed: int) -> list[str]:
    """So many texts, the same for a seed."""
    rolls = random.Random(seed)
    return [rolls.choice(_TEXTS).format(day=rolls.randint(1, 28), hour=rolls.randint(8, 11)) for _ in range(count)]


@contextmanager
def one_thread() -> Iterator[None]:
    """Processes begun here have one thread to translate with."""
    os.environ |= {"ARGOS_INTRA_THREADS": "1", "ARGOS_INTER_THREADS": "1", "OMP_NUM_THREADS": "1"}
    yield
    for name in ("ARGOS_INTRA_THREADS", "ARGOS_INTER_THREADS", "OMP_NUM_THREADS"):
        del os.environ[name]


def in_batches(folder: str, model: Model, count: int, seed: int) -> Timed:
    """As many texts at once as the translator claims."""
    return _timed(folder, model, chunks(texts(count, seed), AT_ONCE))


def alone(folder: str, model: Model, count: int, seed: int) -> Timed:
    """A text at a time."""
    return _timed(folder, model, chunks(texts(count, seed), 1))


def _timed(folder: str, model: Model, batches: Iterator[list[str]]) -> Timed:
    engine = ArgosEngine(Path(folder), live=False)
    engine.translate(model, ["Hello."])
    done, began = 0, time.process_time()
    for batch in batches:
        engine.translate(model, [sentence for text in batch for sentence in split_sentences(text)])
        done += len(batch)
    return done, time.process_time() - began


def by_argos(folder: str, model: Model, count: int, seed: int) -> Timed:
    """Argos as it comes, but for the splitter, without which it downloads one."""
    ArgosEngine(Path(folder), live=False)
    from argostranslate import package, translate

    language = SimpleNamespace(code="")
    translation = translate.PackageTranslation(language, language, package.Package(Path(folder) / model.folder))
    translation.sentencizer = SimpleNamespace(split_sentences=split_sentences)
    translation.translate("Hello.")
    began = time.process_time()
    for text in texts(count, seed):
        translation.translate(text)
    return count, time.process_time() - began


def memory(folder: Path, models: Sequence[Model]) -> tuple[float, float]:
    """What the child holds, in MB: with nothing loaded, and with all of these once each has translated a batch."""
    settings = settings_for("sqlite:///unused.db", argos_packages_dir=str(folder))
    engine = engine_apart(settings)
    try:
        unloaded = Model("en", "ur", "", "", "", "none")
        try:
            engine.translate(unloaded, ["Hello."])
        except Exception:
            before = _holds(engine)
        for model in models:
            engine.translate(model, texts(AT_ONCE, 0))
        return before, _holds(engine)
    finally:
        engine.close()


def _holds(engine: EngineApart) -> float:
    lines = Path(f"/proc/{engine.child_id}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def gist_seconds(url: str) -> list[float]:
    """From when a reply asks for its gist until it is there, the first time with nothing loaded."""
    with opened(url) as db, tempfile.TemporaryDirectory() as folder:
        settings = settings_for(url, argos_packages_dir=folder)
        install_package(db, settings, TO_ENGLISH, CONSOLE)
        stop = threading.Event()
        thread = threading.Thread(target=Translator(db, settings).run, args=(stop,))
        thread.start()
        try:
            return [_until_its_gist(db, REPLIES[at % len(REPLIES)]) for at in range(GISTS)]
        finally:
            stop.set()
            thread.join()


def _until_its_gist(db: Database, reply: str) -> float:
    began = time.perf_counter()
    with db.write() as session:
        asked = ask_for_translation(session, reply, source="ur", target="en", purpose="gist", practice_id=None)
    while True:
        with db.read() as session:
            state = session.exec(select(Translation.state).where(Translation.id == asked.id)).one()
        if state == TranslationState.DONE:
            return time.perf_counter() - began
        time.sleep(0.01)


def _in_words(waits: dict[str, list[float]]) -> str:
    each = (
        f"{kind} {median(found[1:]):.2f} s in the middle, {max(found[1:]):.2f} s at most, {found[0]:.1f} s the first "
        "time, with nothing loaded"
        for kind, found in waits.items()
    )
    return "; ".join(each)
