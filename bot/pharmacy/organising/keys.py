"""Keys with which the systems of pharmacies are let in: shown once, kept as a hash, two alive at most."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple

from sqlalchemy import bindparam, func, or_, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.rights import MANAGE_ORGANISATIONS
from bot.pharmacy.organising.pharmacies import pharmacy_by_code, read_ods
from bot.refusals import Refused
from bot.rows import columns_of, objects_of
from bot.tables.organisations import Pharmacy
from bot.tables.pharmacy import PharmacyKey

REQUESTS_A_MINUTE = 60
"""What a key may ask for; a new one begins with as many."""
LIVE_KEYS = 2
"""The one in use and the one that takes its place; with a third the oldest opens nothing any more."""
USE_NOTED_EVERY = timedelta(minutes=1)
MOST_CODES = 20
PUBLIC_BYTES, _SECRET_BYTES = 8, 32
_BY_PUBLIC = columns(*columns_of(PharmacyKey)).where(col(PharmacyKey.public) == bindparam("public"))
"""Built once: it is asked at every request of a machine."""
_SHOWN = re.compile(r"etr_([0-9a-f]{16})_([0-9a-f]{64})", re.ASCII)


class Shown(NamedTuple):
    """A key as its holder has it: 16 and 64 hexadecimal digits."""

    public: str
    secret: str

    def __str__(self) -> str:
        return f"etr_{self.public}_{self.secret}"


_NO_KEY = Shown("", "")


def make_key(db: Database, code: str, actor: Actor, *, ods: str | None = None) -> str:
    """A new key of a pharmacy, which nobody can show again: `etr_<public>_<secret>`. Of three the oldest is revoked.

    :param ods: the ODS codes it speaks for, parted by commas; None for those of the key before, or the pharmacy's own.
    :raises Refused: no such pharmacy, a code that is none, too many of them, or not an administrator.
    """
    codes = None if ods is None else _read_codes(ods)
    key = Shown(secrets.token_hex(PUBLIC_BYTES), secrets.token_hex(_SECRET_BYTES))
    with db.write() as session:
        allowed = require(session, actor, MANAGE_ORGANISATIONS, None)
        pharmacy = _locked(session, code)
        live = _live_keys(session, pharmacy)
        spoken_for = codes or (live[0].ods.split(",") if live else [pharmacy.ods])
        for old in live[LIVE_KEYS - 1 :]:
            old.revoked_at = utc_now()
        add_key(session, pharmacy, key, spoken_for)
        record(session, allowed, "pharmacy-key-made", f"pharmacy:{pharmacy.id}", codes=len(spoken_for))
    return str(key)


def add_key(session: Session, pharmacy: Pharmacy, key: Shown, ods: Sequence[str]) -> None:
    """Let a key open what those ODS codes may; what is kept of it shows nobody the key."""
    session.add(
        PharmacyKey(
            pharmacy_id=pharmacy.id or 0,
            public=key.public,
            secret_hash=_hashed(key.secret),
            ods=",".join(ods),
            tokens=REQUESTS_A_MINUTE,
            tokens_at=utc_now(),
            made_at=utc_now(),
        )
    )


def revoke_keys(db: Database, code: str, actor: Actor) -> int:
    """Let no key of a pharmacy open anything any more, as when one was lost; how many it were.

    :raises Refused: no such pharmacy, or not an administrator.
    """
    with db.write() as session:
        allowed = require(session, actor, MANAGE_ORGANISATIONS, None)
        pharmacy = _locked(session, code)
        live = _live_keys(session, pharmacy)
        for key in live:
            key.revoked_at = utc_now()
        record(session, allowed, "pharmacy-keys-revoked", f"pharmacy:{pharmacy.id}", keys=len(live))
        return len(live)


def key_of(session: Session, authorization: str | None) -> PharmacyKey | None:
    """The key in an `Authorization: Bearer …` header; None for none, and alike for one unknown, wrong or revoked.

    Each takes one look into the database and one comparison. It changes nothing: `note_use` does.
    """
    public, secret = _shown(authorization)
    row = session.connection().execute(_BY_PUBLIC, {"public": public}).first()
    found: PharmacyKey | None = None if row is None else objects_of(session, row, PharmacyKey)[0]
    right = compare_digest(_hashed(secret), found.secret_hash if found else _hashed(""))
    return found if found and right and found.revoked_at is None else None


def note_use(session: Session, key: PharmacyKey, now: datetime) -> None:
    """Keep when a key was last used, to the minute: most requests write nothing."""
    before = now - USE_NOTED_EVERY
    if key.used_at is not None and key.used_at > before:
        return
    stale = or_(col(PharmacyKey.used_at).is_(None), col(PharmacyKey.used_at) <= before)
    session.execute(update(PharmacyKey).where(col(PharmacyKey.id) == key.id, stale).values(used_at=now))


def pharmacy_of_key(session: Session, key: PharmacyKey) -> Pharmacy:
    """Whose key it is."""
    return session.get_one(Pharmacy, key.pharmacy_id)


def ods_of(key: PharmacyKey) -> frozenset[str]:
    """The ODS codes a key speaks for."""
    return frozenset(key.ods.split(","))


def keys_of(session: Session, pharmacy_id: int) -> Sequence[PharmacyKey]:
    """The keys of a pharmacy that open something, the newest first."""
    statement = select(PharmacyKey).where(PharmacyKey.pharmacy_id == pharmacy_id, col(PharmacyKey.revoked_at).is_(None))
    return session.exec(statement.order_by(col(PharmacyKey.id).desc())).all()


def live_keys_of_all(session: Session) -> dict[str, int]:
    """How many keys of each pharmacy, by its code, open something; none where there is none."""
    statement = (
        select(Pharmacy.code, func.count())
        .join(PharmacyKey, col(PharmacyKey.pharmacy_id) == col(Pharmacy.id))
        .where(col(PharmacyKey.revoked_at).is_(None))
        .group_by(col(Pharmacy.code))
    )
    return dict(session.exec(statement).all())


def _live_keys(session: Session, pharmacy: Pharmacy) -> Sequence[PharmacyKey]:
    return keys_of(session, pharmacy.id or 0)


def _locked(session: Session, code: str) -> Pharmacy:
    """The pharmacy, until the transaction ends: two new keys at once come one after the other."""
    pharmacy = pharmacy_by_code(session, code)
    session.exec(select(Pharmacy.id).where(Pharmacy.id == pharmacy.id).with_for_update(key_share=True)).one()
    return pharmacy


def _read_codes(written: str) -> list[str]:
    codes = list(dict.fromkeys(read_ods(piece) for piece in written.split(",") if piece.strip()))
    if not 0 < len(codes) <= MOST_CODES:
        raise Refused("bad-ods", f"Name 1 to {MOST_CODES} ODS codes, with a comma between them, such as FA123,FA124.")
    return codes


def _shown(authorization: str | None) -> Shown:
    scheme, _, shown = (authorization or "").strip().partition(" ")
    found = _SHOWN.fullmatch(shown.strip()) if scheme.lower() == "bearer" else None
    return Shown(found[1], found[2]) if found else _NO_KEY


def _hashed(secret: str) -> str:
    """Of 256 bits of chance a plain hash is enough: there is nothing to guess."""
    return sha256(secret.encode()).hexdigest()
