"""What a person must fix: a refusal is data with a code for programs and a sentence for people."""


class Refused(Exception):
    """The request cannot be done as asked; `message` says what happened and what to do.

    Raised by verbs, shown by commands (`{"refused": code, "message"}`, exit status 1) and pages. `by_command` is what
    mends it at the console: `str()` says it as well, `message`, which is for pages, does not.
    """

    def __init__(self, code: str, message: str, *, by_command: str | None = None) -> None:
        super().__init__(message if by_command is None else f"{message} By command: {by_command}")
        self.code = code
        self.message = message
