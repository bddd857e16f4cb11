"""The demo practice: made-up people through the real importer, a partner, accounts, criteria signed."""

from typing import Any

import click
from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from bot.accounts.demo import DEMO_PASSWORD, DemoAccount, create_demo_accounts, demo_accounts
from bot.audit import CONSOLE
from bot.capability import in_use
from bot.clock import utc_now
from bot.console import Console, json_option, pass_console, say
from bot.database import Database
from bot.lists.commands import progress_line
from bot.lists.demo_list import WORDED_NAMES, demo_csv
from bot.lists.importing import import_list
from bot.lists.judging.judging import Progress
from bot.organisations.codes import take_code
from bot.organisations.finding import are_linked
from bot.organisations.partners import link
from bot.organisations.practices import add_practice
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.organisations import Partner, Practice
from bot.tables.patients import OptOut, OptOutScope, Patient, PhoneStatus

PRACTICE, PARTNER = "STATION", "CAB"
_PLACES = 30
_BESIDE = (Role.INTERPRETER, Role.PHARMACY)
_MOST_PEOPLE = 900_000  # as many valid NHS numbers begin with 999
_ONE_OPTED_OUT_IN = 45


def load_demo(db: Database, settings: Settings, patients: int, progress: Progress | None = None) -> dict[str, Any]:
    """Make the demo practice with so many people; a second time only what is missing is added.

    :raises Refused: in live, or with a number of people that cannot be made up.
    """
    if settings.live:
        raise Refused("demo-only", "Demo data cannot exist in live. Set MODE=demo to load it.")
    if not 0 < patients <= _MOST_PEOPLE:
        raise Refused("too-many-people", f"The demo can have 1 to {_MOST_PEOPLE:,} patients.")
    practice = add_practice(db, settings, PRACTICE, "Station Practice", "01632 960100", actor=CONSOLE, demo=True)
    partner = _load_partner(db, practice)
    accounts = _load_accounts(db, settings, practice, partner)
    content = demo_csv(patients)
    import_list(
        db,
        settings,
        PRACTICE,
        content,
        selected_for=None,
        dry_run=False,
        actor=CONSOLE,
        progress=progress,
        file_name="made-up people.csv",
    )
    _load_opt_outs(db, practice)
    for add_to_demo in in_use().bring("demo"):
        add_to_demo(db, settings, PRACTICE, accounts)
    return {
        "practice": PRACTICE,
        "partner": PARTNER,
        "patients": _count_people(db, practice),
        "accounts": [{"email": account.email, "role": account.role, "password": DEMO_PASSWORD} for account in accounts],
    }


def _count_people(db: Database, practice: Practice) -> int:
    with db.read() as session:
        return session.exec(select(func.count()).where(Patient.practice_id == practice.id)).one()


def _load_partner(db: Database, practice: Practice) -> Partner:
    with db.write() as session:
        partner = session.exec(select(Partner).where(Partner.code == PARTNER)).first()
        if partner is None:
            take_code(session, PARTNER, "partner")
            partner = Partner(
                code=PARTNER,
                name="Citizens Advice",
                phone="+441632960200",
                places=_PLACES,
                demo=True,
                created_at=utc_now(),
            )
            session.add(partner)
            session.flush()
        if not are_linked(session, partner.id, practice.id):
            link(session, partner, practice.id or 0)
        return partner


def _load_accounts(db: Database, settings: Settings, practice: Practice, partner: Partner) -> list[DemoAccount]:
    """One of each role of practice, partner and service: programs count them. Others are on the sign-in page too."""
    if not demo_accounts(db, settings):
        with db.write() as session:
            create_demo_accounts(session, settings, practice, partner)
    first: dict[Role, DemoAccount] = {}
    for account in demo_accounts(db, settings):
        first.setdefault(account.role, account)
    return [account for account in first.values() if account.role not in _BESIDE]


def _load_opt_outs(db: Database, practice: Practice) -> None:
    """A few people opted out before; not those of whom each language with wording needs one."""
    with db.write() as session:
        if session.exec(select(OptOut.id).where(OptOut.practice_id == practice.id).limit(1)).first():
            return
        people = _texted(session, practice.id or 0)[2 * len(WORDED_NAMES) :: _ONE_OPTED_OUT_IN]
        rows = [
            {
                "practice_id": practice.id,
                "phone": phone,
                "patient_id": patient_id,
                "scope": (OptOutScope.ALL if index % 3 == 0 else OptOutScope.OUTREACH).value,
                "source": "staff",
                "recorded_at": utc_now(),
            }
            for index, (patient_id, phone) in enumerate(people)
        ]
        if rows:
            session.execute(insert(OptOut), rows)


def _texted(session: Session, practice_id: int) -> list[tuple[int | None, str | None]]:
    statement = select(Patient.id, Patient.phone).where(
        Patient.practice_id == practice_id, Patient.phone_status == PhoneStatus.OWN
    )
    return list(session.exec(statement.order_by(col(Patient.id))))


@click.group()
def demo() -> None:
    """Made-up data to try the service with; never in live."""


@demo.command("load")
@click.option("--patients", "people", type=click.IntRange(min=1), default=600, show_default=True, metavar="N")
@json_option
@pass_console
def load_command(console: Console, people: int, as_json: bool) -> None:
    """Load a practice, its partner, accounts and made-up patients."""
    answer = load_demo(console.database, console.settings, people, progress_line("people made up"))
    accounts = "\n".join(f"  {account['email']}  ({account['role']})" for account in answer["accounts"])
    password = answer["accounts"][0]["password"]
    first = f"Practice {answer['practice']} has {answer['patients']:,} made-up patients. Sign in as"
    sentence = f"{first}\n{accounts}\n  password: {password}"
    say(answer, as_json, sentence)
