"""A pharmacy whose system listens, in short words for tests."""

from datetime import timedelta

from sqlmodel import col, select

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.pharmacy.hooks.claiming import claim_due_events
from bot.pharmacy.hooks.delivering import deliver
from bot.pharmacy.hooks.setting_up import set_address
from bot.tables.pharmacy import WebhookDelivery
from tests.pharmacy.hooks.receiver import Receiver
from tests.pharmacy.notices.world import Town


class System:
    """The system of the pharmacy of a town: `secret` is what it was given."""

    def __init__(self, town: Town, receiver: Receiver, code: str = "PRIORY") -> None:
        self.town, self.receiver, self.db, self.settings = town, receiver, town.db, town.settings
        self.secret = set_address(self.db, self.settings, code, receiver.url, CONSOLE) or ""

    def tell(self) -> int:
        """A worker tells all that is due, and goes on while there is more; gives how many tries it made."""
        tries = 0
        while claims := claim_due_events(self.db, self.settings, 16, utc_now()):
            for claim in claims:
                deliver(self.db, self.settings, claim)
            tries += len(claims)
        return tries

    def later(self, **time: float) -> int:
        """So much later, a worker tells all that is due."""
        self.town.clock.shift(timedelta(**time))
        return self.tell()

    def rows(self) -> list[WebhookDelivery]:
        """All events, the oldest first."""
        with self.db.read() as session:
            return list(session.exec(select(WebhookDelivery).order_by(col(WebhookDelivery.id))))

    def stands(self) -> list[tuple[str, int, str | None]]:
        """How each event stands: state, tries, and the code of what went wrong last."""
        return [(each.state, each.tries, each.last_error) for each in self.rows()]
