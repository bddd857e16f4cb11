"""What is looked at before a machine's translation may be shown or sent, and what a receptionist is told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """A text and what became of it.

    `back` is the translation turned back by machine, `score` the model's mean log-probability a token, `values` what
    has to stand in `text` unchanged, `parts_cap` the most SMS parts it may take; None where there is none.
    """

    source: str
    text: str
    source_language: str
    target_language: str
    back: str | None = None
    score: float | None = None
    values: tuple[str, ...] = ()
    parts_cap: int | None = None


@dataclass(frozen=True)
class CheckResult:
    """What one check found; `why` is a plain sentence for a receptionist, empty when there is nothing to say."""

    check: str
    ok: bool
    why: str = ""


def check_translation(pair: Pair) -> tuple[CheckResult, ...]:
    """Every check's result, in the order they are told."""
    return ()
