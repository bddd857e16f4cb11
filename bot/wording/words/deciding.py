"""A second reader decides on a proposed word: replies are read with it at once, or it is turned down, or taken back."""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.tables.accounts import UserAccount, actor_of
from bot.tables.wording import WordChange, WordEdition, WordProposal, WordState
from bot.understanding.added import DANGER
from bot.understanding.concepts import SCOPE
from bot.wording.drafting import reason_of
from bot.wording.rights import require_may_approve, require_may_write, subject_of_word
from bot.wording.words.in_force import agreed_words, edition_there_is, is_of_a_list, word_of
from bot.wording.words.judging import Effect, effect_of_adding, effect_of_taking_back

NONE_YET = ""
"""What stands for the set of words before the first was agreed to."""
_BYTES = 12
_EFFECTS = {WordState.WAITING: effect_of_adding, WordState.AGREED: effect_of_taking_back}


@dataclass(frozen=True)
class Looked:
    """A proposal with what it does, or what taking it back would do, beside the words of `edition`.

    What is turned down or taken back does nothing, and what is to be taken away is looked at with its release.
    """

    proposal: WordProposal
    effect: Effect | None
    edition: str


def look_at(db: Database, number: int) -> Looked:
    """A proposed word with what it does to the sentences of its language; nothing is locked meanwhile.

    :raises Refused: no such proposal, or one of a list that is no more.
    """
    with db.read() as session:
        proposal, words = _proposal(session, number), agreed_words(session)
        edition = edition_there_is(session) or NONE_YET
    word = word_of(proposal)
    if not is_of_a_list(word):
        raise _unknown()
    if proposal.change == WordChange.REMOVE or proposal.state not in _EFFECTS:
        return Looked(proposal, None, edition)
    return Looked(proposal, _EFFECTS[WordState(proposal.state)](words, word), edition)


def agree_to_word(db: Database, number: int, account: UserAccount, edition: str, *, weighed: bool) -> WordProposal:
    """Read replies with a proposed word from the next on, if the sentences of its language lose no danger by it.

    :param edition: of the words beside which the reader saw what this one does.
    :param weighed: that the reader has looked at the harmless sentences that it changes.
    :raises Refused: one's own word; decided already; danger lost; everyday replies turned red; harmless sentences
        changed and not looked at; a word that lowers danger and no sentence to try it on; another word agreed to since;
        an account that may not approve.
    """
    with db.read() as session:
        require_may_approve(session, account)
        _refuse_unless_waiting(_proposal(session, number), account, WordChange.ADD)
    looked = look_at(db, number)
    _refuse_changed(looked.edition, edition)
    _refuse_harm(looked.effect, weighed=weighed)
    _refuse_untried(looked)
    # Twice: somebody else may agree to another word at this moment, and then this one is looked at again.
    return db.write_with_retry(lambda session: _agree(session, number, account, edition))


def _agree(session: Session, number: int, account: UserAccount, edition: str) -> WordProposal:
    actor, practice_id = require_may_approve(session, account)
    proposal = _proposal(session, number, for_update=True)
    _refuse_unless_waiting(proposal, account, WordChange.ADD)
    _refuse_changed(edition_there_is(session) or NONE_YET, edition)
    _decide(session, proposal, WordState.AGREED, account)
    _next_edition(session, proposal, account, edition)
    _record(session, actor, "word-agreed", proposal, practice_id)
    return proposal


def turn_word_down(db: Database, number: int, why: str, account: UserAccount) -> WordProposal:
    """Decide that a word is not added, or not taken away, with the reason.

    :raises Refused: decided already; no reason, or one that names a person; an account that may not approve.
    """
    why = reason_of(why)
    with db.write() as session:
        actor, practice_id = require_may_approve(session, account)
        proposal = _proposal(session, number, for_update=True)
        if proposal.state != WordState.WAITING:
            raise _decided()
        _decide(session, proposal, WordState.TURNED_DOWN, account, why)
        _record(session, actor, "word-turned-down", proposal, practice_id)
    return proposal


def take_word_back(db: Database, number: int, account: UserAccount) -> WordProposal:
    """Take back one's own proposal that waits, or, as anybody who may agree, a word that was agreed to: at once.

    :raises Refused: somebody else's proposal, decided already, or not allowed.
    """
    return db.write_with_retry(lambda session: _take_back(session, number, account))


def _take_back(session: Session, number: int, account: UserAccount) -> WordProposal:
    proposal = _proposal(session, number, for_update=True)
    if proposal.state == WordState.AGREED:
        actor, practice_id = require_may_approve(session, account)
        _next_edition(session, proposal, account, edition_there_is(session) or NONE_YET, WordState.TAKEN_BACK)
    else:
        actor, practice_id = require_may_write(session, actor_of(account))
        _refuse_of_others(proposal, account)
    _decide(session, proposal, WordState.TAKEN_BACK, account)
    _record(session, actor, "word-taken-back", proposal, practice_id)
    return proposal


def _proposal(session: Session, number: int, *, for_update: bool = False) -> WordProposal:
    found = session.get(WordProposal, number, with_for_update=for_update)
    if found is None:
        raise _unknown()
    return found


def _unknown() -> Refused:
    return Refused("unknown-word", "There is no such word. Look at the list as it is now.")


def _decided() -> Refused:
    return Refused("decided-already", "Somebody has decided on this word already. Look at it as it is now.")


def _refuse_unless_waiting(proposal: WordProposal, account: UserAccount, change: WordChange) -> None:
    if proposal.change != change:
        raise Refused(
            "comes-with-a-release", "A word is taken away with the next release, so nobody agrees to it here."
        )
    if proposal.state != WordState.WAITING:
        raise _decided()
    if proposal.proposed_by == account.id:
        raise Refused("own-word", "You proposed this word yourself. Somebody else who reads the language agrees to it.")


def _refuse_of_others(proposal: WordProposal, account: UserAccount) -> None:
    if proposal.state != WordState.WAITING:
        raise _decided()
    if proposal.proposed_by != account.id:
        raise Refused("not-yours", "Somebody else proposed this. Turn it down instead, and say why.")


def _refuse_changed(edition: str, seen: str) -> None:
    if edition != seen:
        message = "Another word has come into use since you opened this page. Look at what this one does now."
        raise Refused("words-changed", f"{message} Then decide.")


def _refuse_harm(effect: Effect | None, *, weighed: bool) -> None:
    if effect is None:
        raise _decided()
    if effect.lost:
        message = f"With this word {len(effect.lost)} of the sentences of danger would no longer be found."
        raise Refused("loses-danger", f"{message} They stand below. Turn it down, or propose a narrower word.")
    if effect.everyday:
        message = f"With this word {len(effect.everyday)} everyday replies would get the emergency text."
        raise Refused("alarms-everyday", f"{message} They stand below. Turn it down, or propose a narrower word.")
    if effect.is_to_be_weighed and not weighed:
        raise Refused("look-first", "Look at the sentences that this word changes, and tick that you have.")


def _refuse_untried(looked: Looked) -> None:
    """What takes danger away is tried on sentences, or not used at all."""
    lowers = looked.proposal.lists == DANGER and looked.proposal.concept in SCOPE
    if lowers and looked.effect and not looked.effect.sentences:
        message = "This word can take danger away, and there are no sentences in this language yet to try it on."
        raise Refused("nothing-to-try", f"{message} Turn it down, and tell whoever runs this service.")


def _decide(
    session: Session, proposal: WordProposal, state: WordState, account: UserAccount, why: str | None = None
) -> None:
    proposal.state, proposal.decided_why = state, why
    proposal.decided_by, proposal.decided_at = account.id, utc_now()
    session.add(proposal)


def _next_edition(
    session: Session,
    proposal: WordProposal,
    account: UserAccount,
    after: str,
    state: WordState = WordState.AGREED,
) -> None:
    values: dict[str, Any] = {"edition": secrets.token_hex(_BYTES), "after": after, "proposal_id": proposal.id or 0}
    session.add(WordEdition(**values, state=state, made_by=account.id or 0, made_at=utc_now()))
    session.flush()


def _record(session: Session, actor: Actor, action: str, proposal: WordProposal, practice_id: int | None) -> None:
    about = subject_of_word(proposal)
    record(session, actor, action, about, practice_id=practice_id, lists=proposal.lists, concept=proposal.concept)
