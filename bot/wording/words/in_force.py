"""Which words replies are read with beside the files: those that a second reader agreed to, since the next reply."""

from sqlalchemy import ScalarSelect
from sqlmodel import Session, col, select

from bot.tables.wording import WordChange, WordEdition, WordProposal, WordState
from bot.texts.languages import LANGUAGES
from bot.understanding.added import Word, edition_in_use, put_beside
from bot.understanding.tables import CONCEPTS


def newest_edition() -> ScalarSelect[str]:
    """The name of the set there is, for a statement that asks for other things too; null before the first word."""
    return select(col(WordEdition.edition)).order_by(col(WordEdition.id).desc()).limit(1).scalar_subquery()


def edition_there_is(session: Session) -> str | None:
    """The name of the set there is, None before the first word."""
    return session.exec(select(WordEdition.edition).order_by(col(WordEdition.id).desc()).limit(1)).first()


def keep_up(session: Session, edition: str | None) -> None:
    """Read replies with the set of this name from now on; nothing is asked when this process does so already."""
    if edition != edition_in_use():
        put_beside(agreed_words(session), edition)


def look_for_words(session: Session) -> None:
    """Keep up with the words agreed to, where no other statement has the name of the set."""
    keep_up(session, edition_there_is(session))


def agreed_words(session: Session) -> list[Word]:
    """The words that are agreed to, in the order in which they were proposed; what no list has any more is left out."""
    statement = select(WordProposal).where(
        WordProposal.state == WordState.AGREED, WordProposal.change == WordChange.ADD
    )
    found = session.exec(statement.order_by(col(WordProposal.id)))
    return [word for word in map(word_of, found) if is_of_a_list(word)]


def word_of(proposal: WordProposal) -> Word:
    """The entry that a proposal is about."""
    return Word(proposal.language, proposal.lists, proposal.concept, proposal.entry)


def is_of_a_list(word: Word) -> bool:
    """Whether there is such a language, list and concept."""
    return word.language in LANGUAGES and word.concept in CONCEPTS.get(word.lists, ())
