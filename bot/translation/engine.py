"""Argos on this machine: the one module that imports argostranslate, in the translator's child alone.

Argos's own way through a text is not taken. It asks for a sentence splitter that it downloads, writes texts to the
log, and translates one sentence after the other. What is used of it is the package: its tokeniser, and its model by
CTranslate2, which takes a whole batch at once. CTranslate2 does not survive a fork, so nothing here is imported before
the process that translates is its own.
"""

import logging
import os
import sys
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from bot.translation.engines import Model, ModelUnusable, Translated
from bot.translation.packages import fault_of

MOST_LOADED = 8
"""Models kept in memory, 50 to 100 MB each; the least recently used one is let go."""
BEAM = 4
LENGTH_PENALTY = 0.2
TOKENS_A_BATCH = 2048
LONGEST_SENTENCE = 80
"""Tokens of a sentence; a longer one is translated in pieces."""
LONGEST_RESULT = 250
"""Tokens of what becomes of it: small models know no more places in a sentence."""
_FOREIGN_SETTINGS = ("ARGOS_", "OPENAI_", "LIBRETRANSLATE_", "SNAP")
_THREADS = ("ARGOS_INTRA_THREADS", "ARGOS_INTER_THREADS")
_FOLDERS = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
_WORD_BEGINS = "▁"


class ArgosEngine:
    """Translates with what lies in one folder of packages, and with nothing else; it never asks the network.

    :param live: refuse the models that were trained for tests.
    :param most_loaded: how many models stay in memory.
    """

    def __init__(self, folder: Path, *, live: bool, most_loaded: int = MOST_LOADED) -> None:
        self._folder = folder
        self._live = live
        self._most_loaded = most_loaded
        self._loaded: OrderedDict[tuple[str, str], _Loaded] = OrderedDict()
        self._lock = threading.Lock()
        self._argos = _import_argos(folder)

    def translate(self, model: Model, sentences: Sequence[str]) -> list[Translated]:
        """Translate sentences in one batch.

        :raises ModelUnusable: its files are not what was installed, or cannot be read.
        """
        return self._load(model).translate(sentences)

    def _load(self, model: Model) -> "_Loaded":
        """Load at most once, however many ask for it, and let go of what was not asked for in the longest time."""
        key = (model.folder, model.contents)
        with self._lock:
            if key not in self._loaded:
                self._loaded[key] = self._read(model)
            self._loaded.move_to_end(key)
            while len(self._loaded) > self._most_loaded:
                self._loaded.popitem(last=False)
            return self._loaded[key]

    def _read(self, model: Model) -> "_Loaded":
        place = self._folder / model.folder
        if fault := fault_of(place, model.contents, live=self._live):
            raise ModelUnusable(model, fault)
        try:
            return _Loaded(self._argos.package.Package(place), self._argos.settings)
        except Exception as error:  # whatever a library makes of a file that is none of its own
            raise ModelUnusable(model, "unreadable") from error


class _Loaded:
    """A package in memory."""

    def __init__(self, package: Any, settings: Any) -> None:
        import ctranslate2

        self._tokenizer = package.tokenizer
        self._prefix: str = package.target_prefix
        self._translator = ctranslate2.Translator(
            str(package.package_path / "model"),
            device=settings.device,
            inter_threads=settings.inter_threads,
            intra_threads=settings.intra_threads,
            compute_type=settings.compute_type,
        )
        self.translate(["a"])

    def translate(self, sentences: Sequence[str]) -> list[Translated]:
        """Sentences that are too long go in pieces."""
        pieces = [list(_pieces(self._tokenizer.encode(sentence))) for sentence in sentences]
        results = iter(self._translate_tokens([piece for group in pieces for piece in group]))
        return [self._joined([next(results) for _ in group]) for group in pieces]

    def _translate_tokens(self, batch: list[list[str]]) -> list[tuple[list[str], float]]:
        """Each with the sum of its log-probabilities."""
        if not batch:
            return []
        results = self._translator.translate_batch(
            batch,
            target_prefix=[[self._prefix]] * len(batch) if self._prefix else None,
            beam_size=BEAM,
            length_penalty=LENGTH_PENALTY,
            max_decoding_length=min(3 * max(map(len, batch)) + 20, LONGEST_RESULT),
            max_input_length=0,
            replace_unknowns=True,
            max_batch_size=TOKENS_A_BATCH,
            batch_type="tokens",
            return_scores=True,
        )
        found = ((result.hypotheses[0], result.scores[0]) for result in results)
        return [(tokens, score * max(1, len(tokens)) ** LENGTH_PENALTY) for tokens, score in found]

    def _joined(self, results: Sequence[tuple[list[str], float]]) -> Translated:
        texts = [self._tokenizer.decode(tokens).removeprefix(self._prefix).strip() for tokens, _ in results]
        length = sum(len(tokens) for tokens, _ in results)
        return Translated(" ".join(filter(None, texts)), sum(score for _, score in results) / max(1, length))


def _pieces(tokens: list[str]) -> Iterator[list[str]]:
    """Cut before a word, as near to the longest as there is one."""
    while len(tokens) > LONGEST_SENTENCE:
        begins = (at for at in range(LONGEST_SENTENCE, 0, -1) if tokens[at].startswith(_WORD_BEGINS))
        cut = next(begins, LONGEST_SENTENCE)
        yield tokens[:cut]
        tokens = tokens[cut:]
    if tokens:
        yield tokens


def _import_argos(folder: Path) -> Any:
    """Argos, with settings of ours: whatever the environment or a file in somebody's home says does not count.

    It makes folders as it is imported, and those are gone again after it.
    """
    _stand_in_for_minisbd()
    kept = {name: os.environ[name] for name in _THREADS if name in os.environ}
    for name in [name for name in os.environ if name.startswith(_FOREIGN_SETTINGS)]:
        del os.environ[name]
    before = {name: os.environ.get(name) for name in _FOLDERS}
    with tempfile.TemporaryDirectory(prefix="argos-") as empty:
        os.environ.update({"ARGOS_INTRA_THREADS": "1"} | kept, ARGOS_PACKAGES_DIR=str(folder), ARGOS_DEVICE_TYPE="cpu")
        os.environ.update(dict.fromkeys(_FOLDERS, empty))
        import argostranslate.package
        import argostranslate.settings
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})
    # It writes every text it is given to this log.
    logging.getLogger("argostranslate.utils").setLevel(logging.WARNING)
    return argostranslate


def _stand_in_for_minisbd() -> None:
    """Argos's own translating imports minisbd, which is AGPL and downloads; ours is an empty shell in its place."""
    shell = ModuleType("minisbd")
    shell.models = ModuleType("minisbd.models")  # type: ignore[attr-defined]
    shell.models.list_models = list
    shell.SBDetect = type("SBDetect", (), {})  # type: ignore[attr-defined]
    sys.modules.update({"minisbd": shell, "minisbd.models": shell.models})
