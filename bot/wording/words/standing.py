"""How the lists of a language stand: the words of each concept, those that readers added, and what waits for one."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.rows import among
from bot.tables.accounts import UserAccount
from bot.tables.wording import WordChange, WordProposal, WordState
from bot.texts.languages import LANGUAGES
from bot.understanding.added import DANGER, REPLIES
from bot.understanding.tables import CONCEPTS, PHRASES, READ, Meaning, as_shown, entries_of, key_of, meanings

TITLES = {DANGER: "Words of danger", REPLIES: "Words of replies", PHRASES: "Whole phrases"}
_OPEN = (WordState.WAITING, WordState.AGREED)


@dataclass(frozen=True)
class Entry:
    """A word of a list as people see it.

    `whole` says that it stands for itself alone; `added` is the proposal by which readers added it, `questioned` the
    one that says it is wrong.
    """

    entry: str
    shown: str
    whole: bool
    added: WordProposal | None = None
    questioned: WordProposal | None = None


@dataclass(frozen=True)
class ConceptRow:
    """A concept of a language: what it means, its words, and the words that wait for a second reader."""

    concept: str
    meaning: Meaning
    entries: Sequence[Entry]
    waiting: Sequence[WordProposal]


def read_rows(session: Session, tag: str, lists: str) -> list[ConceptRow]:
    """Every concept of the lists of a language."""
    asked = _open_proposals(session, tag, lists)
    listed = entries_of(lists, tag)
    return [_row(concept, lists, listed[concept], asked.get(concept, ())) for concept in CONCEPTS[lists]]


def _open_proposals(session: Session, tag: str, lists: str) -> Mapping[str, list[WordProposal]]:
    statement = select(WordProposal).where(
        WordProposal.language == tag, WordProposal.lists == lists, col(WordProposal.state).in_(_OPEN)
    )
    found: dict[str, list[WordProposal]] = defaultdict(list)
    for proposal in session.exec(statement.order_by(col(WordProposal.id))):
        found[proposal.concept].append(proposal)
    return found


def _row(concept: str, lists: str, listed: Iterable[str], asked: Iterable[WordProposal]) -> ConceptRow:
    removals = {one.entry: one for one in asked if one.change == WordChange.REMOVE}
    added = [one for one in asked if one.state == WordState.AGREED and not _is_listed(one.entry, listed)]
    theirs = [Entry(one.entry, *as_shown(lists, one.entry), added=one) for one in added]
    ours = [Entry(entry, *as_shown(lists, entry), questioned=removals.get(entry)) for entry in listed]
    waiting = [one for one in asked if one.change == WordChange.ADD and one.state == WordState.WAITING]
    return ConceptRow(concept, meanings(lists)[concept], [*theirs, *ours], waiting)


def _is_listed(entry: str, listed: Iterable[str]) -> bool:
    """Whether a release has brought the word into the files."""
    wanted = key_of(entry)
    return any(key_of(other) == wanted for other in listed)


def words_that_wait(session: Session, user_id: int | None = None) -> Counter[tuple[str, str]]:
    """How many words wait for a second reader, by language and lists; not those of this person."""
    statement = (
        select(col(WordProposal.language), col(WordProposal.lists), func.count())
        .where(WordProposal.state == WordState.WAITING, WordProposal.change == WordChange.ADD)
        .where(col(WordProposal.proposed_by).is_distinct_from(user_id))
        .group_by(col(WordProposal.language), col(WordProposal.lists))
    )
    counted = {(tag, lists): number for tag, lists, number in session.exec(statement)}
    return Counter({key: number for key, number in counted.items() if key[0] in LANGUAGES and key[1] in READ})


def names_of_people(session: Session, proposals: Iterable[WordProposal]) -> Mapping[int | None, str]:
    """The names of whoever proposed these words or decided on them."""
    people = {one.proposed_by for one in proposals} | {one.decided_by for one in proposals}
    found = session.exec(select(UserAccount).where(among(session, col(UserAccount.id), people - {None})))
    return {None: "Not recorded"} | {account.id: account.name or account.email for account in found}


def words_for_a_release(session: Session, tag: str | None) -> list[WordProposal]:
    """What the files lack: words agreed to that are not in them yet, and words in them that readers call wrong."""
    agreed_add = (WordProposal.state == WordState.AGREED) & (WordProposal.change == WordChange.ADD)
    asked = (WordProposal.state == WordState.WAITING) & (WordProposal.change == WordChange.REMOVE)
    statement = select(WordProposal).where(agreed_add | asked)
    if tag is not None:
        statement = statement.where(WordProposal.language == tag)
    order = (col(WordProposal.language), col(WordProposal.lists), col(WordProposal.concept), col(WordProposal.id))
    return [one for one in session.exec(statement.order_by(*order)) if _concerns_the_files(one)]


def _concerns_the_files(proposal: WordProposal) -> bool:
    if proposal.language not in LANGUAGES or proposal.concept not in CONCEPTS.get(proposal.lists, ()):
        return True
    listed = entries_of(proposal.lists, proposal.language)[proposal.concept]
    if proposal.change == WordChange.REMOVE:
        return proposal.entry in listed
    return not _is_listed(proposal.entry, listed)
