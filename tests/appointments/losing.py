"""A visit tomorrow with an interpreter, others who could take it, and ways to see what they are told."""

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, select

from bot.appointments.interpreted.lost import accept_ask, decline_ask, give_up_interpreter, lapse_asks
from bot.appointments.joint.claims import claim_time
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.patients.person_codes import new_code
from bot.tables.appointments import ClaimedTime, Visit, Whose
from bot.tables.interpreters import Interpreter, InterpreterAsk
from bot.tables.messaging import Message
from bot.tables.organisations import Agency
from tests.appointments.talking import Talk
from tests.factories import text_in
from tests.interpreters.making import make_agency
from tests.interpreters.making import make_interpreter as make_any
from tests.messaging.helpers import texts_to

VISIT_AT = "2026-11-26 09:40"


@dataclass
class Losing:
    """One visit in Kurdish (Sorani), for which a woman was asked, and its interpreter Dilan."""

    talk: Talk
    agency: Agency
    dilan: Interpreter
    visit: Visit
    named: dict[str, Interpreter] = field(default_factory=dict)

    def another(self, name: str, **changes: Any) -> Interpreter:
        """Somebody else who speaks it; asked in the order of their names."""
        values = {"code": name, "name": f"{name} Sample"} | changes
        self.named[name] = make_any(self.talk.db, self.agency, "ckb", **values)
        return self.named[name]

    def gives_up(self, by: str = "interpreter") -> "Losing":
        give_up_interpreter(self.talk.db, self.talk.settings, self.visit.id or 0, self.dilan.id or 0, CONSOLE, by=by)
        self.talk.sent()
        return self

    def at(self, moment: str) -> "Losing":
        """The clock goes to that moment of Wednesday or Thursday, and the job runs every minute as it comes."""
        self.talk.at(moment)
        lapse_asks(self.talk.db, self.talk.settings)
        self.talk.sent()
        return self

    def says(self, name: str, body: str) -> "Losing":
        """An interpreter texts us, and what follows goes out."""
        self.talk.clock.shift(60)
        text_in(self.talk.db, self.talk.settings, self.named[name].phone, body)
        self.talk.clock.shift(5)
        self.talk.sent()
        return self

    def accepts(self, name: str) -> str:
        """Says yes in the portal."""
        who = self.named[name].id or 0
        return accept_ask(self.talk.db, self.talk.settings, self.visit.id or 0, who, CONSOLE)

    def declines(self, name: str) -> None:
        decline_ask(self.talk.db, self.talk.settings, self.visit.id or 0, self.named[name].id or 0, CONSOLE)
        self.talk.sent()

    def heard(self, who: str | Interpreter) -> list[str | None]:
        """What went to an interpreter's phone, by the keys of the texts."""
        return [text.text_key for text in self.texts(who)]

    def texts(self, who: str | Interpreter) -> list[Message]:
        person = self.named[who] if isinstance(who, str) else who
        return [text for text in texts_to(self.talk.db, person.phone or "") if text.attempts]

    def asked(self) -> list[tuple[str, str, str]]:
        """Whom we asked, in order: name, in which way, and what came of it."""
        with self.talk.db.read() as session:
            statement = select(Interpreter.code, InterpreterAsk.mode, InterpreterAsk.state).join(
                InterpreterAsk, col(InterpreterAsk.interpreter_id) == col(Interpreter.id)
            )
            found = session.exec(statement.order_by(col(InterpreterAsk.asked_at), col(InterpreterAsk.id))).all()
        return [(str(code), mode, state) for code, mode, state in found]

    def now(self) -> tuple[str, str | None, str | None]:
        """How the visit stands: its interpreter's state, their name, and the way."""
        visit = self.talk.now_is(self.visit)
        with self.talk.db.read() as session:
            who = session.get(Interpreter, visit.interpreter_id) if visit.interpreter_id else None
        return visit.interpreter_state, who.code if who else None, visit.interpreter_mode

    def claimed_by(self) -> set[int]:
        """Whose time is claimed as an interpreter for the visit."""
        with self.talk.db.read() as session:
            theirs = select(ClaimedTime.whose).where(
                ClaimedTime.visit_id == self.visit.id, ClaimedTime.kind == Whose.INTERPRETER
            )
            return set(session.exec(theirs))


def a_loss(talk: Talk, *, interpreter: dict[str, Any] | None = None, **visit: Any) -> Losing:
    """The visit as it was booked."""
    agency = make_agency(talk.db, talk.practice)
    dilan = make_any(talk.db, agency, "ckb", **({"code": "DILAN", "name": "Dilan Sample"} | (interpreter or {})))
    booked = {
        "code": new_code(),
        "language": "ckb",
        "interpreter_sex": "F",
        "interpreter_id": dilan.id,
        "interpreter_mode": "in-person",
        "interpreter_state": "booked",
    }
    made = talk.visit(VISIT_AT, **(booked | visit))
    with talk.db.write() as session:
        wanted = [(Whose.INTERPRETER, dilan.id or 0, made.starts, made.ends)]
        claim_time(session, wanted, now=utc_now(), visit_id=made.id)
    return Losing(talk, agency, dilan, made, {"DILAN": dilan})
