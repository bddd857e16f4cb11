"""Which language to write in: asked by number, stored only once the person has said so."""

from sqlmodel import Session, col, select

from bot.attention.items import ask_a_person
from bot.campaigns.consenting import ask_for_consent
from bot.conversations.exchange import Talk, acknowledge, note, say
from bot.messaging.questions import close_question, menu
from bot.tables.campaigns import Campaign, CampaignMember, MemberAnswer
from bot.tables.messaging import OpenQuestion, QuestionKind, QuestionState
from bot.tables.organisations import Partner
from bot.texts.languages import LANGUAGES, WORDED


def menu_lines() -> str:
    """The menu as a text shows it, each language by its own name."""
    return "\n".join(f"{number} {LANGUAGES[tag].native}" for number, tag in menu().items())


def offer_languages(talk: Talk) -> None:
    """Send the language menu, a question of its own with its own numbers."""
    say(
        talk,
        "language-menu",
        {"choices": menu_lines()},
        question=QuestionKind.LANGUAGE,
        campaign_id=talk.question.campaign_id if talk.question else None,
    )


def choose_language(talk: Talk, question: OpenQuestion) -> None:
    """A number of the menu: that language from now on. 9: theirs is not there, so a person calls."""
    tag = menu().get(talk.reading.choice or 0)
    if tag:
        set_language(talk, question, tag)
        return
    close_question(talk.session, question, talk.now)
    ask_a_person(talk.session, talk.message, "another-language")
    note(talk, MemberAnswer.OTHER)
    acknowledge(talk)


def name_language(talk: Talk, question: OpenQuestion | None = None) -> None:
    """A language by its name, or a wish for another one: store the one named, else ask.

    That a wish ("I speak no English") is written in a language does not say that it is theirs: they are asked.
    """
    named = talk.reading.language if talk.reading.rule == "language-named" else None
    if question and question.kind == QuestionKind.LANGUAGE and named not in WORDED:
        choose_language(talk, question)
    elif named in WORDED and named:
        set_language(talk, question, named)
    elif may_ask_language(talk) and named is None:
        ask_to_confirm_language(talk)
    else:
        offer_languages(talk)


def may_ask_language(talk: Talk) -> bool:
    """Nobody has recorded a language, and the person surely wrote in one we can write."""
    reading = talk.reading
    return (
        talk.patient is not None
        and talk.patient.language is None
        and reading.language in WORDED
        and reading.language != "en"
    )


def ask_to_confirm_language(talk: Talk) -> None:
    """Ask, in the language they seem to write, whether to write in it; only a yes is stored."""
    say(
        talk,
        "language-confirm",
        {},
        language=talk.reading.language,
        question=QuestionKind.LANGUAGE_CONFIRM,
        campaign_id=talk.question.campaign_id if talk.question else None,
        detail=talk.reading.language,
    )


def confirm_language(talk: Talk, question: OpenQuestion) -> None:
    """Yes, write to me in this language."""
    set_language(talk, question, question.detail or "en")


def set_language(talk: Talk, question: OpenQuestion | None, tag: str) -> None:
    """Store what the person told us, and ask again, in their language, what they had been asked."""
    if talk.patient is None:
        return
    talk.patient.language, talk.patient.language_source = tag, "patient"
    talk.patient.updated_at = talk.now
    talk.session.add(talk.patient)
    if question:
        close_question(talk.session, question, talk.now)
    if not _ask_again(talk, talk.patient.id or 0, tag):
        say(talk, "language-set", talk.practice_name, language=tag)


def _ask_again(talk: Talk, patient_id: int, tag: str) -> bool:
    last = _last_question_of_substance(talk.session, patient_id)
    waiting = last is not None and last.state == QuestionState.SUPERSEDED
    if last and waiting and last.kind == QuestionKind.CONSENT and last.expires_at and talk.now < last.expires_at:
        return ask_for_consent(talk, last)
    invited = _unanswered_invitation(talk.session, patient_id)
    return invited is not None and _invite_again(talk, invited, tag)


def _last_question_of_substance(session: Session, patient_id: int) -> OpenQuestion | None:
    """The last one that was about a campaign and not about a language."""
    kinds = (QuestionKind.INVITATION, QuestionKind.CONSENT)
    statement = select(OpenQuestion).where(OpenQuestion.patient_id == patient_id, col(OpenQuestion.kind).in_(kinds))
    return session.exec(statement.order_by(col(OpenQuestion.id).desc()).limit(1)).first()


def _unanswered_invitation(session: Session, patient_id: int) -> Campaign | None:
    statement = (
        select(Campaign)
        .join(CampaignMember, col(CampaignMember.campaign_id) == col(Campaign.id))
        .where(
            CampaignMember.patient_id == patient_id,
            col(CampaignMember.batch_id).is_not(None),
            col(CampaignMember.answer).is_(None) | (col(CampaignMember.answer) == MemberAnswer.OTHER),
            Campaign.state == "running",
        )
        .order_by(col(Campaign.id).desc())
    )
    return session.exec(statement.limit(1)).first()


def _invite_again(talk: Talk, campaign: Campaign, tag: str) -> bool:
    partner = talk.session.get_one(Partner, campaign.partner_id)
    values = talk.practice_name | {"partner": partner.name}
    asked = say(
        talk,
        f"{campaign.purpose}-invitation",
        values,
        language=tag,
        kind="question",
        question=QuestionKind.INVITATION,
        campaign_id=campaign.id,
    )
    return asked is not None
