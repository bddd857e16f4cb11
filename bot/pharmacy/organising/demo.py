"""The demo's pharmacy: linked to the demo's practice, with an account that signs in like the others, and a key."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.accounts.accounts import create_account
from bot.accounts.demo import DEMO_PASSWORD, DemoAccount
from bot.accounts.keyed_hashes import keyed
from bot.accounts.passwords import hash_password
from bot.audit import CONSOLE
from bot.database import Database
from bot.patients.person_codes import make_person_code
from bot.pharmacy.organising.keys import PUBLIC_BYTES, Shown, add_key, key_of
from bot.pharmacy.organising.links import confirm_link
from bot.pharmacy.organising.pharmacies import DELIVERY, Told, add_pharmacy, pharmacy_by_code
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient, PhoneStatus
from bot.wording.composing import ENGLISH

PHARMACY, EMAIL = "PRIORY", "pharmacy@demo.example"
_TOLD = Told(
    name="Priory Pharmacy",
    ods="FA123",
    address="12 Priory Road, Hastings",
    phone="01632 960500",
    hours="mon-fri 09:00-18:00; sat 09:00-13:00",
    offers=DELIVERY,
)


def add_demo_pharmacy(db: Database, settings: Settings, practice_code: str, people: Sequence[DemoAccount]) -> None:
    """A pharmacy that delivers, linked both ways to the demo practice, and an account of its people.

    Again it changes nothing.
    """
    with db.read() as session:
        there = session.exec(select(Pharmacy).where(Pharmacy.code == PHARMACY)).first()
    if there is None:
        add_pharmacy(db, PHARMACY, _TOLD, CONSOLE, demo=True)
    confirm_link(db, PHARMACY, practice_code, CONSOLE)
    with db.write() as session:
        _add_account(session, settings)
        _add_key(session, settings)
        _give_a_code(session)


def demo_key(settings: Settings) -> Shown:
    """The key of the demo pharmacy's system: the same at every start, and another one in every installation."""
    public = keyed(settings, "demo-pharmacy", PHARMACY)[: 2 * PUBLIC_BYTES]
    return Shown(public, keyed(settings, "demo-pharmacy-key", PHARMACY))


def _add_key(session: Session, settings: Settings) -> None:
    key = demo_key(settings)
    if key_of(session, f"Bearer {key}") is None:
        add_key(session, pharmacy_by_code(session, PHARMACY), key, [_TOLD.ods or ""])


def _give_a_code(session: Session) -> None:
    """The first who reads another language and has a phone of their own gets a code, as one would stand on a label."""
    can_be_told = select(Patient.id).where(
        col(Patient.language).not_in([ENGLISH]), col(Patient.phone_status) == PhoneStatus.OWN
    )
    first = session.exec(can_be_told.order_by(col(Patient.id)).limit(1)).first()
    if first is not None:
        make_person_code(session, first)


def _add_account(session: Session, settings: Settings) -> None:
    if session.exec(select(UserAccount).where(UserAccount.email == EMAIL)).first() is not None:
        return
    create_account(
        session,
        settings,
        email=EMAIL,
        name="Dispenser",
        role=Role.PHARMACY,
        actor=CONSOLE,
        organisation=PHARMACY,
        password_hash=hash_password(DEMO_PASSWORD),
        demo=True,
    )
