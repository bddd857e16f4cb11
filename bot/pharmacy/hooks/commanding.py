"""What is said of a webhook in one command: its address, a new secret, or its end."""

from dataclasses import dataclass

from bot.audit import Actor
from bot.database import Database
from bot.pharmacy.hooks.setting_up import address_of, end_webhook, rotate_secret, set_address
from bot.settings import Settings


@dataclass(frozen=True)
class Change:
    """What is to be done, in this order; nothing at all only asks for the address."""

    url: str | None = None
    rotate: bool = False
    end: bool = False


def change_webhook(
    db: Database, settings: Settings, code: str, change: Change, actor: Actor
) -> tuple[str | None, str | None]:
    """Do it, and give the address by now and the new secret, if there is one.

    :raises Refused: `bad-url`, `no-webhook`, no such pharmacy, or somebody who may not.
    """
    secret = None
    if change.url is not None:
        secret = set_address(db, settings, code, change.url, actor)
    if change.rotate and secret is None:
        secret = rotate_secret(db, settings, code, actor)
    if change.end:
        end_webhook(db, code, actor)
        secret = None
    return address_of(db, code, actor), secret
