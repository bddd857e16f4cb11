"""What a person must fix, as data: what cannot be done as asked, and what keeps the service from working."""

from dataclasses import dataclass


class Refused(Exception):
    """The request cannot be done as asked; `message` says what happened and what to do.

    Raised by verbs, shown by commands (`{"refused": code, "message"}`, exit status 1) and pages. `by_command` is what
    mends it at the console: `str()` says it as well, `message`, which is for pages, does not.
    """

    def __init__(self, code: str, message: str, *, by_command: str | None = None) -> None:
        super().__init__(message if by_command is None else f"{message} By command: {by_command}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Fault:
    """What keeps the service from working. `line` is for whoever runs it and for monitors, and may name a setting.

    `words` and `advice` are for a page: what is wrong, and what somebody without a console can do about it.
    """

    line: str
    words: str
    advice: str
