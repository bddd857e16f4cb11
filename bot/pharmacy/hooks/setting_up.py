"""A pharmacy says where its system listens: an address, a secret that is shown once, and the end of it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import exists, update
from sqlmodel import Session, col, select

from bot.accounts.rights import require, roles_used
from bot.audit import CONSOLE, Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.rights import MANAGE_ORGANISATIONS
from bot.pharmacy.hooks.addresses import own_machine_will_do, read_target
from bot.pharmacy.hooks.events import TEST, note_test
from bot.pharmacy.hooks.outcomes import give_up_waiting
from bot.pharmacy.hooks.posting import Fault
from bot.pharmacy.hooks.signing import new_secret, seal
from bot.pharmacy.organising.pharmacies import pharmacy_by_code
from bot.pharmacy.organising.rights import RUN_PHARMACY
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.organisations import Pharmacy
from bot.tables.pharmacy import DeliveryState, Webhook, WebhookDelivery


def set_address(db: Database, settings: Settings, code: str, url: str, actor: Actor) -> str | None:
    """Tell a pharmacy's system of its notices at that address from now on; what waits goes there as well.

    :return: the secret, which nobody can show again; None where there is one already, which stays.
    :raises Refused: `bad-url`, no such pharmacy, or neither an administrator nor somebody of the pharmacy.
    """
    read_target(url, own_machine=own_machine_will_do(settings))
    secret = new_secret()

    def store(session: Session) -> str | None:
        pharmacy, allowed = _pharmacy(session, code, actor)
        webhook, now = _locked(session, pharmacy), utc_now()
        new = webhook is None or webhook.ended_at is not None
        if webhook is None:
            webhook = Webhook(pharmacy_id=pharmacy.id or 0, url="", made_at=now)
        webhook.url = url.strip()
        if new:
            webhook.secrets, webhook.made_at, webhook.rotated_at = [seal(settings, secret)], now, None
            webhook.ended_at = None
        session.add(webhook)
        record(session, allowed, "webhook-set", f"pharmacy:{pharmacy.id}")
        return secret if new else None

    # Twice: somebody else may set the first address at this moment.
    return db.write_with_retry(store)


def address_of(db: Database, code: str, actor: Actor) -> str | None:
    """Where a pharmacy's system is told of its notices, if it is.

    :raises Refused: no such pharmacy, or neither an administrator nor somebody of the pharmacy.
    """
    with db.read() as session:
        pharmacy, _ = _pharmacy(session, code, actor)
        webhook = session.get(Webhook, pharmacy.id)
        return webhook.url if webhook is not None and webhook.ended_at is None else None


def rotate_secret(db: Database, settings: Settings, code: str, actor: Actor) -> str:
    """A new secret, which nobody can show again. For a day what is sent is signed with the one before it as well.

    :raises Refused: `no-webhook`, no such pharmacy, or neither an administrator nor somebody of the pharmacy.
    """
    secret = new_secret()

    def rotate(session: Session, webhook: Webhook, now: datetime) -> None:
        webhook.secrets, webhook.rotated_at = [seal(settings, secret), *webhook.secrets[:1]], now

    _change(db, code, actor, "webhook-secret-made", rotate)
    return secret


def drop_former_secret(db: Database, code: str, actor: Actor) -> None:
    """Sign with the newest secret alone from now on, as when the one before it was lost.

    :raises Refused: `no-webhook`, no such pharmacy, or neither an administrator nor somebody of the pharmacy.
    """

    def drop(session: Session, webhook: Webhook, now: datetime) -> None:
        webhook.secrets, webhook.rotated_at = webhook.secrets[:1], None

    _change(db, code, actor, "webhook-secret-dropped", drop)


def end_webhook(db: Database, code: str, actor: Actor) -> None:
    """Tell the pharmacy's system nothing any more; what waits does not go, and its secrets are gone.

    :raises Refused: `no-webhook`, no such pharmacy, or neither an administrator nor somebody of the pharmacy.
    """

    def end(session: Session, webhook: Webhook, now: datetime) -> None:
        webhook.ended_at, webhook.secrets, webhook.rotated_at = now, [], None
        give_up_waiting(session, col(WebhookDelivery.pharmacy_id) == webhook.pharmacy_id, Fault.ENDED, now)

    _change(db, code, actor, "webhook-ended", end)


def send_test(db: Database, code: str, actor: Actor) -> None:
    """Send an event that is about no notice.

    :raises Refused: `test-waits`, one has not gone yet; `no-webhook`, no such pharmacy, or neither an administrator nor
        somebody of the pharmacy.
    """

    def send(session: Session, webhook: Webhook, now: datetime) -> None:
        waiting = exists().where(
            col(WebhookDelivery.pharmacy_id) == webhook.pharmacy_id,
            col(WebhookDelivery.type) == TEST,
            col(WebhookDelivery.state) == DeliveryState.WAITING,
        )
        if session.scalar(select(waiting)):
            raise Refused("test-waits", "A test is on its way already. Wait until you see below what became of it.")
        note_test(session, webhook.pharmacy_id, now)

    _change(db, code, actor, "webhook-tested", send)


def try_again(db: Database, code: str, actor: Actor) -> int:
    """Send everything that was given up, from the first try on; gives how much that is.

    :raises Refused: `no-webhook`, no such pharmacy, or neither an administrator nor somebody of the pharmacy.
    """
    tried: list[int] = []

    def again(session: Session, webhook: Webhook, now: datetime) -> None:
        given_up = update(WebhookDelivery).where(
            col(WebhookDelivery.pharmacy_id) == webhook.pharmacy_id,
            col(WebhookDelivery.state) == DeliveryState.GIVEN_UP,
        )
        waits = {"state": DeliveryState.WAITING, "tries": 0, "due_at": now, "ended_at": None, "lease_until": None}
        tried.append(int(session.execute(given_up.values(waits)).rowcount))  # type: ignore[attr-defined]

    _change(db, code, actor, "webhook-tried-again", again)
    return tried[-1]


_Change = Callable[[Session, Webhook, datetime], None]


def _change(db: Database, code: str, actor: Actor, action: str, change: _Change) -> None:
    """Change a webhook that is alive, and say so in the audit trail."""
    with db.write() as session:
        pharmacy, allowed = _pharmacy(session, code, actor)
        webhook = _locked(session, pharmacy)
        if webhook is None or webhook.ended_at is not None:
            raise Refused("no-webhook", "No system of the pharmacy is told anything yet. First enter its address.")
        change(session, webhook, utc_now())
        session.add(webhook)
        record(session, allowed, action, f"pharmacy:{pharmacy.id}")


def _pharmacy(session: Session, code: str, actor: Actor) -> tuple[Pharmacy, Actor]:
    """The pharmacy, and who acts under the role used: its own people see to it, and administrators for them."""
    pharmacy = pharmacy_by_code(session, code)
    if actor == CONSOLE or None in roles_used(session, actor, MANAGE_ORGANISATIONS):
        return pharmacy, require(session, actor, MANAGE_ORGANISATIONS, None)
    return pharmacy, require(session, actor, RUN_PHARMACY, pharmacy)


def _locked(session: Session, pharmacy: Pharmacy) -> Webhook | None:
    """The webhook of a pharmacy until the transaction ends."""
    statement = select(Webhook).where(Webhook.pharmacy_id == pharmacy.id).with_for_update(key_share=True)
    return session.exec(statement).first()
