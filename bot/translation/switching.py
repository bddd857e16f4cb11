"""Switching machine translation on for a language: a person does it, and in live only once both models are scored."""

from sqlmodel import Session, select

from bot.accounts.rights import declare_right, require_anywhere
from bot.audit import record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.organisations import Practice
from bot.tables.translation import LanguageSwitch, TranslationModel
from bot.texts.languages import LANGUAGES
from bot.translation.requests import ENGLISH

SWITCH_LANGUAGES = declare_right("switch-languages", Role.LEAD, Role.ADMIN)


def switch_language(db: Database, settings: Settings, tag: str, account: UserAccount, *, on: bool) -> bool:
    """Let a machine translate from and to a language, or no longer; whether anything changed.

    :raises Refused: `unknown-language`, `no-model`, `not-scored` in live, `not-allowed`.
    """
    with db.write() as session:
        actor, code = require_anywhere(session, actor_of(account), SWITCH_LANGUAGES)
        if on:
            _refuse_unready(session, settings, known_language(tag))
        switch = session.get(LanguageSwitch, known_language(tag)) or LanguageSwitch(
            language=tag, on=False, changed_at=utc_now()
        )
        if switch.on == on:
            return False
        switch.on, switch.changed_by, switch.changed_at = on, account.id, utc_now()
        session.add(switch)
        practice_id = session.exec(select(Practice.id).where(Practice.code == code)).first()
        record(session, actor, "language-on" if on else "language-off", f"language:{tag}", practice_id=practice_id)
    return True


def known_language(tag: str) -> str:
    """The tag, when it is that of a language.

    :raises Refused: `unknown-language`.
    """
    if tag not in LANGUAGES:
        raise Refused("unknown-language", f"There is no language {tag}. Give a tag such as ur, pa-Guru or pl.")
    return tag


def _refuse_unready(session: Session, settings: Settings, tag: str) -> None:
    name = LANGUAGES[tag].english
    if tag == ENGLISH:
        raise Refused("no-model", "English is not switched on: it is what is translated from and to.")
    models = session.exec(select(TranslationModel)).all()
    both = {(ENGLISH, tag), (tag, ENGLISH)}
    of_tag = [model for model in models if (model.from_language, model.to_language) in both]
    if len(of_tag) < len(both) or any(model.fault for model in of_tag):
        raise Refused("no-model", f"{name} has no model in both directions here. Install its packages first.")
    if settings.live and any(model.chrf is None for model in of_tag):
        message = f"{name} is switched on once the models of both directions have been scored."
        raise Refused("not-scored", message, by_command="languages score FILE --from TAG --to TAG")
