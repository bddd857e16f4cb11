"""What a person must fix: a refusal is data with a code for programs and a sentence for people."""


class Refused(Exception):
    """The request cannot be done as asked; `message` says what happened and what to do.

    Raised by verbs, shown by commands (`{"refused": code, "message"}`, exit status 1) and pages.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
