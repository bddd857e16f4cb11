"""Posters: a code on a wall by which a young person asks for one of its times from their own phone.

The code says which clinic, not who reads it nor where it hangs. It is made by chance and never given a second time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import and_, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from bot.accounts.rights import declare_right, require
from bot.appointments.finding_by_code import clinic_by_code
from bot.appointments.joint.finding import Wish, find_times
from bot.appointments.visits import written
from bot.appointments.youth.codes import MOST_TIMES, new_poster_code, read_poster_code
from bot.audit import Actor, record
from bot.clock import LONDON, utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.rows import among
from bot.tables.accounts import Role
from bot.tables.appointments import (
    Clinic,
    ClinicPurpose,
    Poster,
    PosterStage,
    PosterStart,
    PosterTime,
    Site,
    Visit,
    VisitState,
)
from bot.tables.organisations import Practice, Sender

HANG_POSTERS = declare_right("hang-posters", Role.PRACTICE, Role.LEAD)


@dataclass(frozen=True)
class ShownPoster:
    """A poster as staff see it. `number` is the phone number its texts go to, None where the sender has none.

    `times` by the number that chooses each (UTC). `booked`: how many of them are booked by it and still to be.
    """

    poster: Poster
    clinic: Clinic
    site: Site
    practice: Practice
    number: str | None
    times: Sequence[tuple[int, datetime]]
    booked: int

    @property
    def is_over(self) -> bool:
        """Whether it starts nothing any more."""
        return self.poster.ended_at is not None or all(starts <= utc_now() for _, starts in self.times)

    def link(self, time: int) -> str:
        """What the phone's own camera opens: a text to our number with the code and one of its times.

        `?&body=`: iPhones look for `&body=`, Android and RFC 5724 for `?body=`; both read this.
        """
        return f"sms:{self.number}?&body={quote(f'{self.poster.code} {time}')}"


def add_poster(db: Database, clinic_code: str, starts: Sequence[datetime], actor: Actor) -> Poster:
    """Make a poster of a clinic for young people with these times; the first is chosen by 1.

    :param starts: in UTC; each begins a free time of the clinic, open to who needs no interpreter.
    :raises Refused: `unknown-clinic`, `not-for-young-people`, `no-times`, `too-many-times`, `time-twice`, `not-free`.
    """
    with db.write() as session:
        clinic = clinic_by_code(session, clinic_code)
        used = require(session, actor, HANG_POSTERS, session.get_one(Practice, clinic.practice_id))
        _refuse_another_purpose(clinic)
        _refuse_odd_times(session, clinic, starts)
        poster = Poster(
            code=_unused_code(session), clinic_id=clinic.id or 0, practice_id=clinic.practice_id, made_at=utc_now()
        )
        session.add(poster)
        session.flush()
        session.add_all(PosterTime(poster_code=poster.code, number=n, starts=at) for n, at in enumerate(starts, 1))
        record(session, used, "poster-made", f"poster:{poster.code}", practice_id=clinic.practice_id)
    return poster


def _refuse_another_purpose(clinic: Clinic) -> None:
    if clinic.purpose != ClinicPurpose.YOUTH:
        message = f"{clinic.code} is no clinic for young people. Choose one of purpose youth."
        raise Refused("not-for-young-people", message)


def _refuse_odd_times(session: Session, clinic: Clinic, starts: Sequence[datetime]) -> None:
    if not starts:
        raise Refused("no-times", "A poster offers times. Choose at least one that is free.")
    if len(starts) > MOST_TIMES:
        raise Refused("too-many-times", f"A poster has at most {MOST_TIMES} times. Choose fewer, or make two posters.")
    if len(set(starts)) < len(starts):
        raise Refused("time-twice", "One of these times is there twice. Choose each time once.")
    found = find_times(session, Wish(None, clinic), utc_now(), limit=MOST_TIMES, only_starts=starts)
    free = {time.starts for time in found.times}
    if taken := [moment for moment in starts if moment not in free]:
        wall = taken[0].astimezone(LONDON)
        raise Refused(
            "not-free",
            f"On {wall:%A %-d %B %Y at %H:%M} no free time of this clinic begins, or none that can still be booked. "
            "Choose others.",
            by_command=f"slots list --clinic {clinic.code}",
        )


def _unused_code(session: Session) -> str:
    while True:
        code = new_poster_code()
        if session.get(Poster, code) is None:
            return code


def end_poster(db: Database, code: str, actor: Actor) -> Poster:
    """A poster that was taken down starts nothing any more; what was booked by it stays. Ended already, it stays so.

    :raises Refused: `unknown-poster`.
    """
    with db.write() as session:
        poster = poster_by_code(session, code)
        used = require(session, actor, HANG_POSTERS, session.get_one(Practice, poster.practice_id))
        if poster.ended_at is None:
            poster.ended_at = utc_now()
            session.add(poster)
            record(session, used, "poster-ended", f"poster:{poster.code}", practice_id=poster.practice_id)
    return poster


def poster_by_code(session: Session, written_code: str) -> Poster:
    """The poster with that code, as somebody wrote it. :raises Refused: `unknown-poster`."""
    read = read_poster_code(written_code)
    found = session.get(Poster, read.code) if read else None
    if found is None:
        raise Refused("unknown-poster", "There is no poster with that code. Check the code, such as YP-7Q4K.")
    return found


def posters_of(session: Session, practice_id: int, code: str | None = None) -> list[ShownPoster]:
    """The posters of a practice, the newest first; with `code`, that one alone."""
    which = [col(Poster.practice_id) == practice_id] + ([col(Poster.code) == code] if code else [])
    rows = session.execute(
        columns(Poster, Clinic, Site, Practice, col(Sender.number))
        .join(Clinic, col(Clinic.id) == col(Poster.clinic_id))
        .join(Site, col(Site.id) == col(Clinic.site_id))
        .join(Practice, col(Practice.id) == col(Poster.practice_id))
        .join(Sender, col(Sender.id) == col(Practice.sender_id))
        .where(*which)
        .order_by(col(Poster.made_at).desc(), col(Poster.code))
    ).all()
    codes = [row[0].code for row in rows]
    times, booked = _times_of(session, codes), _booked_by(session, codes)
    return [
        ShownPoster(row[0], row[1], row[2], row[3], row[4], times.get(row[0].code, []), booked.get(row[0].code, 0))
        for row in rows
    ]


def _times_of(session: Session, codes: Sequence[str]) -> dict[str, list[tuple[int, datetime]]]:
    found: dict[str, list[tuple[int, datetime]]] = {}
    theirs = select(PosterTime).where(among(session, col(PosterTime.poster_code), codes))
    for time in session.exec(theirs.order_by(col(PosterTime.number))) if codes else ():
        found.setdefault(time.poster_code, []).append((time.number, time.starts))
    return found


def _booked_by(session: Session, codes: Sequence[str]) -> dict[str, int]:
    stands = and_(col(Visit.id) == col(PosterStart.visit_id), col(Visit.state) != VisitState.CANCELLED)
    counted = (
        select(PosterStart.poster_code, func.count(func.distinct(col(PosterStart.visit_id))))
        .join(Visit, stands)
        .where(among(session, col(PosterStart.poster_code), codes), PosterStart.stage == PosterStage.BOOKED)
        .group_by(col(PosterStart.poster_code))
    )
    return dict(session.exec(counted).all()) if codes else {}


def line_of_poster(shown: ShownPoster) -> dict[str, Any]:
    """A poster as programs read it."""
    ended = shown.poster.ended_at
    return {
        "code": shown.poster.code,
        "clinic": shown.clinic.code,
        "times": [{"number": number, "starts": written(starts)} for number, starts in shown.times],
        "booked": shown.booked,
        "made": written(shown.poster.made_at),
        "ended": written(ended) if ended else None,
    }


def time_of(session: Session, poster: Poster, number: int | None) -> datetime | None:
    """When the time with that number begins (UTC); the only one, where none is said. None where there is no such."""
    times = dict(_times_of(session, [poster.code]).get(poster.code, []))
    if number is None and len(times) == 1:
        return next(iter(times.values()))
    return times.get(number or 0)
