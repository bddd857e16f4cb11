"""What a capability is: a folder, and in its `__init__` one declaration of what it brings.

A declaration names things by a string, `bot.campaigns.pages:blueprint`, so that reading it imports nothing: `--help`
needs the commands alone, a worker no page. What is named has the type of the room it plugs into (a guard is
messaging's, a card the home page's), and is imported when that room asks for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any

Named = str
"""The place of something: a module and, after a colon, the name it has there; the module itself without one."""


@dataclass(frozen=True)
class Command:
    """A command of `python -m bot`, told by its help text, imported when it is run.

    A name of two words, such as `campaign publish`, is a command of a group that another capability brings.
    """

    name: str
    help: str
    runs: Named


@dataclass(frozen=True)
class Job:
    """What the clock wakes up: a verb that takes database and settings, and the seconds between two runs.

    Rows decide what there is to do: a second run changes nothing. One that `asks_twilio` holds nothing up at the start.
    """

    name: str
    every: float
    runs: Named
    asks_twilio: bool = False


@dataclass(frozen=True)
class Capability:
    """Everything a folder brings. Each field says whose type it has, and when it is asked.

    pages: Flask blueprints; those of `machine_pages` carry a signature or a token of their own in place of a session.
    commands, jobs: see there.
    questions: `messaging.questions.Question`, what a text may ask and what follows each answer.
    starts: (exchange) to whether the text begins, or goes on with, something a phone starts itself, such as by a code
    on a wall, and is dealt with. Asked of every text but a stop, danger and a death, before anything that is open.
    correspondents: who else writes to us than people on a list: given the exchange, whether the text was theirs and
    is dealt with. Asked where no question is open to a person with that number.
    wishes: by intent, `conversations.dialogue.Wish`: what is done about it when no question is open.
    guards: `messaging.guards.Guard`, asked inside the claim before a text about its subject goes.
    subjects: `messaging.subjects.Subject`, what a text may be about.
    criteria: `patients.criteria.Criteria`; purposes: `partners.purposes.Purpose`; checks: what is held against what
    when a process starts.
    promises: `partners.capacity.Promise`, the places of a partner that others have promised.
    after_reply: told of a reply that answers no question, with `conversations.exchange.ReplyKind`.
    after_text: (exchange) told of every text but those of correspondents, once it was dealt with, in its transaction.
    instead_of_stop: (exchange, whether the network has stopped texts already) to whether it saw to a reply that stops
    texts and may mean something else. late_answers: (exchange) to whether it answers a question that is closed.
    after_language: asks again, in the language a person has just named, what they had been asked; whether it did.
    after_opt_out: (session, opt-out); after_deaths, after_changed_numbers: (session, patient ids), from
    `patients.events`, in the transaction in which it happened.
    after_translation: (session, translation), in the transaction in which the translator's outcome is recorded.
    reasons: why something comes to a person, code to words; actions: `conversations.actions.Action` of an inbox item.
    beside_campaign: `campaigns.beside.Beside`, links on the page of a campaign.
    cards: `home.Cards`, navigation: `web.Place`, by whoever may see them; organisation_pages: `web.Place`, where the
    administrator sees to organisations of another kind than practices and partners.
    rights: `accounts.rights.Right`, what roles may do; keeps_link: (session, partner id, practice id) to a sentence,
    what ties a partner to a practice (`organisations.partners.Tie`).
    retention: jobs that erase what need not be kept; readiness: why the service cannot work, in words; notes: what
    whoever runs it should know though it works, such as a practice with nobody on duty;
    metrics: figures for Prometheus; after_restore: modules with `settle` and `set_aside`, what must be set right once
    a backup is back (`operations.restoring`).
    beside_texts: what a worker does beside sending texts: given database and settings, something whose `run(stop)` goes
    on until a `threading.Event` is set and what is in hand is done.
    beside_translations: what a translator does beside translating, in the same way.
    still_in_touch: SQL over the `Patient` of a query, who has left and still has to be reached.
    demo: made-up data, once practice, partner and accounts are there: (db, settings, practice code, accounts);
    first_words: (session, settings) to the lines said of it where a demo starts to serve.
    """

    name: str
    pages: Sequence[Named] = ()
    machine_pages: Sequence[Named] = ()
    commands: Sequence[Command] = ()
    jobs: Sequence[Job] = ()
    questions: Sequence[Named] = ()
    starts: Sequence[Named] = ()
    correspondents: Sequence[Named] = ()
    wishes: Mapping[str, Named] = field(default_factory=dict)
    guards: Sequence[Named] = ()
    subjects: Sequence[Named] = ()
    criteria: Sequence[Named] = ()
    purposes: Sequence[Named] = ()
    checks: Sequence[Named] = ()
    promises: Sequence[Named] = ()
    after_reply: Sequence[Named] = ()
    after_text: Sequence[Named] = ()
    instead_of_stop: Sequence[Named] = ()
    late_answers: Sequence[Named] = ()
    after_language: Sequence[Named] = ()
    after_opt_out: Sequence[Named] = ()
    after_deaths: Sequence[Named] = ()
    after_changed_numbers: Sequence[Named] = ()
    after_translation: Sequence[Named] = ()
    reasons: Sequence[Named] = ()
    actions: Sequence[Named] = ()
    beside_campaign: Sequence[Named] = ()
    cards: Sequence[Named] = ()
    navigation: Sequence[Named] = ()
    organisation_pages: Sequence[Named] = ()
    rights: Sequence[Named] = ()
    keeps_link: Sequence[Named] = ()
    retention: Sequence[Job] = ()
    readiness: Sequence[Named] = ()
    notes: Sequence[Named] = ()
    metrics: Sequence[Named] = ()
    after_restore: Sequence[Named] = ()
    beside_texts: Sequence[Named] = ()
    beside_translations: Sequence[Named] = ()
    still_in_touch: Sequence[Named] = ()
    demo: Sequence[Named] = ()
    first_words: Sequence[Named] = ()


class Capabilities:
    """The capabilities a process runs with, in the order they were named."""

    def __init__(self, packages: Sequence[str]) -> None:
        self.packages = tuple(packages)
        self._brought: dict[str, tuple[Any, ...]] = {}

    @cached_property
    def declared(self) -> tuple[Capability, ...]:
        """Their declarations."""
        return tuple(import_module(package).CAPABILITY for package in self.packages)

    @cached_property
    def commands(self) -> Mapping[str, Command]:
        """Every command by its name."""
        return _by_name(command for capability in self.declared for command in capability.commands)

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """Every job, those that erase among them."""
        return tuple(_by_name(job for each in self.declared for job in (*each.jobs, *each.retention)).values())

    def bring(self, socket: str) -> tuple[Any, ...]:
        """What all of them named for one field of `Capability`, imported once."""
        if socket not in self._brought:
            names = (name for capability in self.declared for name in getattr(capability, socket))
            self._brought[socket] = tuple(imported(name) for name in names)
        return self._brought[socket]

    def check(self) -> None:
        """Hold what they bring against each other, when a process starts.

        :raises RuntimeError: something one of them needs is not there.
        """
        for check in self.bring("checks"):
            check()

    def wish(self, intent: str) -> Any | None:
        """What is done about a wish; the first capability that takes it."""
        named = next((each.wishes[intent] for each in self.declared if intent in each.wishes), None)
        return None if named is None else imported(named)


def imported(named: Named) -> Any:
    """What a declaration names."""
    module, _, name = named.partition(":")
    return getattr(import_module(module), name) if name else import_module(module)


def _by_name(things: Iterator[Any]) -> dict[str, Any]:
    """:raises RuntimeError: two capabilities bring something under one name."""
    found: dict[str, Any] = {}
    for thing in things:
        if thing.name in found:
            raise RuntimeError(f"two capabilities bring {thing.name}")
        found[thing.name] = thing
    return found


_in_use: Capabilities | None = None


def use(packages: Sequence[str]) -> Capabilities:
    """Run this process with these capabilities; said once, where a process starts."""
    global _in_use
    if _in_use is None or _in_use.packages != tuple(packages):
        _in_use = Capabilities(packages)
    return _in_use


def in_use() -> Capabilities:
    """The capabilities this process runs with.

    :raises RuntimeError: nobody has said which; without its guards a text could go that must not.
    """
    if _in_use is None:
        raise RuntimeError("no capabilities are in use: say which with use()")
    return _in_use
