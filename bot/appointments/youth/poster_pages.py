"""Posters at the practice: those that hang, a form for a new one, and each as a page to print."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

import segno
from flask import Blueprint, abort, flash, redirect, request, url_for
from markupsafe import Markup
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_practice_id
from bot.appointments.joint.finding import Wish, find_times
from bot.appointments.written_times import read_time
from bot.appointments.youth.posters import ShownPoster, add_poster, end_poster, posters_of
from bot.clock import LONDON, utc_now
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.appointments import Clinic, ClinicPurpose
from bot.web import SUCCESS, database, render

blueprint = Blueprint("posters", __name__, url_prefix="/posters")
MOST_SHOWN = 100
"""Free times to choose from."""
AHEAD = timedelta(weeks=6)


@blueprint.get("")
@for_roles(Role.PRACTICE, Role.LEAD)
def posters_page() -> Response:
    """All posters, and the times of which a new one can be made."""
    return _page(request.args.get("clinic"))


@blueprint.post("")
@for_roles(Role.PRACTICE, Role.LEAD)
def make() -> Response:
    """Make a poster of the times that were ticked."""
    code = request.form.get("clinic", "")
    if code not in {clinic.code for clinic in _own_clinics()}:
        abort(404)
    try:
        starts = [read_time(each) for each in request.form.getlist("starts")]
        poster = add_poster(database(), code, starts, own_actor())
    except Refused as refused:
        return _page(code, refused)
    return redirect(url_for("posters.poster_page", code=poster.code), 303)


@blueprint.get("/<code>")
@for_roles(Role.PRACTICE, Role.LEAD)
def poster_page(code: str) -> Response:
    """One poster as it is printed."""
    shown = _own(code)
    pictures = {number: _picture(shown.link(number)) for number, _ in shown.times} if shown.number else {}
    days = {number: starts.astimezone(LONDON).date() for number, starts in shown.times}
    return render("appointments/poster.html", shown=shown, days=days, pictures=pictures)


@blueprint.post("/<code>/end")
@for_roles(Role.PRACTICE, Role.LEAD)
def end(code: str) -> Response:
    """It was taken down: its code starts nothing any more."""
    _own(code)
    poster = end_poster(database(), code, own_actor())
    flash(f"{poster.code} has ended. What was booked by it stays booked.", SUCCESS)
    return redirect(url_for("posters.posters_page"), 303)


def _picture(link: str) -> Markup:
    """A QR code, as sharp as the printer is: of medium correction, as paper gets creased."""
    drawn = segno.make_qr(link, error="m").svg_inline(border=4, light="#fff", omitsize=True)
    return Markup(drawn)  # noqa: S704 - drawn by the library, of rectangles alone


def _own(code: str) -> ShownPoster:
    """Another practice's poster does not exist for this one."""
    with database().read() as session:
        found = posters_of(session, own_practice_id(), code)
    if not found:
        abort(404)
    return found[0]


def _own_clinics() -> Sequence[Clinic]:
    with database().read() as session:
        return _clinics(session)


def _clinics(session: Session) -> Sequence[Clinic]:
    theirs = select(Clinic).where(Clinic.practice_id == own_practice_id(), Clinic.purpose == ClinicPurpose.YOUTH)
    return session.exec(theirs.order_by(col(Clinic.code))).all()


def _page(code: str | None, refused: Refused | None = None) -> Response:
    with database().read() as session:
        clinics = _clinics(session)
        clinic = next((each for each in clinics if each.code == code), clinics[0] if clinics else None)
        times = _free_by_day(session, clinic) if clinic else {}
        shown = posters_of(session, own_practice_id())
    return render(
        "appointments/posters.html",
        409 if refused else 200,
        posters=shown,
        clinics=clinics,
        clinic=clinic,
        times=times,
        ticked=request.form.getlist("starts"),
        refused=refused,
    )


def _free_by_day(session: Session, clinic: Clinic) -> Mapping[date, list[datetime]]:
    now = utc_now()
    found = find_times(session, Wish(None, clinic), now, limit=MOST_SHOWN, until=now + AHEAD)
    starts = [time.starts for time in found.times]
    return {day: list(of_day) for day, of_day in groupby(starts, key=lambda moment: moment.astimezone(LONDON).date())}
