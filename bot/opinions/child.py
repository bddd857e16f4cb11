"""The process that reads replies a second time: texts in on a pipe, opinions out on another. It opens no database."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.opinions.head import Head, kept_head
from bot.opinions.pieces import pieces_of
from bot.opinions.vectors import Vectors, model_digest, model_file
from bot.translation.child import answer_parent

Answer = Mapping[str, Any]


def prepare() -> Callable[[Mapping[str, Any]], Answer]:
    """What answers: by the model and the head, or by saying why there is none."""
    try:
        head, file = kept_head(), model_file()
    except (OSError, ValueError):
        return lambda _asked: {"fault": "unreadable"}
    if file is None:
        return lambda _asked: {"fault": "missing"}
    if model_digest(file) != head.model:
        return lambda _asked: {"fault": "changed"}
    vectors = Vectors(file)
    return lambda asked: read(vectors, head, asked)


def read(vectors: Vectors, head: Head, asked: Mapping[str, Any]) -> Answer:
    """An opinion of each text, in the order given."""
    opinions = (head.weigh([vectors.of(piece) for piece in pieces_of(text)]) for text in asked["texts"])
    return {"opinions": [[opinion.danger, opinion.by_another] for opinion in opinions]}


if __name__ == "__main__":
    answer_parent(prepare)
