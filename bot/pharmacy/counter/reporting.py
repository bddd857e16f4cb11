"""The counter has learned which language a person needs, and tells the practice."""

from bot.audit import Actor
from bot.clock import utc_now
from bot.database import Database
from bot.pharmacy.counter.languages import report_language
from bot.pharmacy.counter.searching import need_found
from bot.tables.pharmacy import LanguageReport


def report_from_counter(
    db: Database, pharmacy_code: str, public: str, language: str, interpreter: bool | None, actor: Actor
) -> LanguageReport:
    """`report_language` of the person of a search.

    :raises Refused: `search-over`, `unknown-pharmacy`, `not-allowed`; `unknown-language`.
    """
    with db.write() as session:
        now = utc_now()
        found = need_found(session, pharmacy_code, public, actor, now)
        return report_language(
            session, found.pharmacy, found.person, language, interpreter=interpreter, actor=actor, now=now
        )
