"""What numbers and words mean under an open question: a question is an object, and every capability may bring its own.

0 and 9 are the same everywhere, stop and another language, so no question says them again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

STOP, OTHER_LANGUAGE = 0, 9
PHONE_ME = 5
_ANY_CHOICE = range(1, 100)


@dataclass(frozen=True)
class QuestionKind:
    """What an answer to an open question of that name means.

    `yes_no`: 1 is yes and 2 no. `choices`: the numbers that stand for a choice, None for any from 1 to 99.
    `ok_accepts`: a bare "ok" says yes. `no_declines`: a no in words says that none of the choices suits.
    `of_languages`: the choices are languages, so a line sent back may name one.
    """

    name: str
    yes_no: bool = True
    choices: Collection[int] | None = frozenset()
    ok_accepts: bool = False
    no_declines: bool = False
    of_languages: bool = False

    def is_choice(self, number: int, offered: Collection[int] | None = None) -> bool:
        """Whether a number is a choice here; `offered` narrows that to what this very question offered."""
        if number in (STOP, OTHER_LANGUAGE):
            return False
        return number in next(numbers for numbers in (offered, self.choices, _ANY_CHOICE) if numbers is not None)

    def settles(self, intent: str) -> bool:
        """Whether a yes or no in words answers this question; to a list of several it says too little."""
        return self.yes_no or (self.no_declines and intent == "no")


QUESTIONS: Mapping[str, QuestionKind] = {
    kind.name: kind
    for kind in (
        QuestionKind("invitation", choices=frozenset({PHONE_ME}), ok_accepts=True),
        QuestionKind("consent"),
        QuestionKind("withdraw"),
        QuestionKind("language", yes_no=False, choices=None, of_languages=True),
        QuestionKind("language-confirm"),
        QuestionKind("slots", yes_no=False, choices=frozenset({1, 2, 3, 4, PHONE_ME, 6}), no_declines=True),
        QuestionKind("visit", choices=frozenset({PHONE_ME})),
        QuestionKind("cannot-come", yes_no=False, choices=frozenset({1, 2, PHONE_ME})),
        QuestionKind("which-visit", yes_no=False, choices=frozenset({1, 2, 3, 4, PHONE_ME})),
        QuestionKind("no-interpreter", yes_no=False, choices=frozenset({1, 2, PHONE_ME})),
        QuestionKind("new-time", choices=frozenset({PHONE_ME})),
        QuestionKind("waiting-offer", choices=frozenset({PHONE_ME})),
        QuestionKind("talk", yes_no=False, choices=frozenset({PHONE_ME})),
        QuestionKind("pharmacy", yes_no=False, choices=frozenset({1, 2, PHONE_ME})),
        QuestionKind("tell-pharmacy"),
    )
}
"""Questions by name. Of `slots`, 6 is a longer visit, and of `invitation` 5 a call, where a text offers it."""
