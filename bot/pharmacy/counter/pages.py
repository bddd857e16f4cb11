"""The form of a pharmacy without a system: find a person, choose what to tell them, see it, send it; and the list.

No address holds a code or a number of a person: a search has a name of its own, known to one account, for a while.
"""

from flask import Blueprint, abort, flash, redirect, request
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_account_id, own_actor, own_code, own_pharmacy_id
from bot.clock import utc_now
from bot.pharmacy.counter.label_pages import label_page
from bot.pharmacy.counter.labels import pharmacys_label
from bot.pharmacy.counter.languages import language_need
from bot.pharmacy.counter.outcome_words import ANSWERS_IN_WORDS, STATES_IN_WORDS, WHY_IN_WORDS, outcome
from bot.pharmacy.counter.places import COUNTER, TODAY
from bot.pharmacy.counter.reporting import report_from_counter
from bot.pharmacy.counter.searching import NOBODY, Entered, found_before, look_for
from bot.pharmacy.counter.telling import CHOICES, Choice, preview, tell
from bot.pharmacy.counter.today import (
    SHOWN_FOR,
    mark_collected,
    mark_phoned,
    send_held_notice,
    take_back_notice,
    todays_list,
)
from bot.pharmacy.notices.calling import why_no_text
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.organisations import Pharmacy
from bot.texts.languages import LANGUAGES, WORDED, Language
from bot.web import ERROR, SUCCESS, database, here, render, settings

blueprint = Blueprint("pharmacy_counter", __name__, url_prefix="/pharmacy")
_for_pharmacies = for_roles(Role.PHARMACY)
_FIELD_OF = {"bad-number": "nhs_number", "bad-born": "born"}


@blueprint.get("/", strict_slashes=False)
@_for_pharmacies
def counter() -> Response:
    """Whom to tell: a code, typed or scanned, or an NHS number and a birth date."""
    return _form()


@blueprint.post("/find")
@_for_pharmacies
def find() -> Response:
    """Look for a person; whoever cannot be told anything is nobody."""
    typed = {name: request.form.get(name, "").strip() for name in ("code", "nhs_number", "born")}
    try:
        search_id = look_for(database(), own_code(), Entered(**typed), own_actor())
    except Refused as refused:
        return _form(refused, _FIELD_OF.get(refused.code, "code"))
    if search_id is None:
        field = "code" if typed["code"] else "nhs_number"
        return _form(Refused("nobody", NOBODY), field)
    return redirect(here(f"/pharmacy/tell/{search_id}"), 303)


def _form(refused: Refused | None = None, field: str = "code") -> Response:
    status = 400 if refused else 200
    return render("pharmacy/counter.html", status, refused=refused, field=field, entered=request.form)


@blueprint.get("/tell/<search_id>")
@_for_pharmacies
def choose(search_id: str) -> Response:
    """What can be told to the person who was found; with ?what= as they would read it."""
    choice = CHOICES.get(request.args.get("what", ""))
    return _seen(search_id, choice) if choice else _choices(search_id)


@blueprint.post("/tell/<search_id>/send")
@_for_pharmacies
def send(search_id: str) -> Response:
    """Send it, once."""
    choice = CHOICES.get(request.form.get("what", "")) or abort(400)
    anyway = request.form.get("anyway") == "yes"
    try:
        notice = tell(database(), settings(), own_code(), search_id, choice, own_actor(), anyway=anyway)
    except Refused as refused:
        return _over(refused) if refused.code == "search-over" else _seen(search_id, choice, refused)
    with database().read() as session:
        words, went = outcome(session, settings(), notice, utc_now())
    flash(words, SUCCESS if went else ERROR)
    return redirect(here(COUNTER.path), 303)


@blueprint.post("/tell/<search_id>/label")
@_for_pharmacies
def label(search_id: str) -> Response:
    """A label with the code of the person, to print."""
    try:
        return label_page(pharmacys_label(database(), own_code(), search_id, own_actor()), COUNTER.path)
    except Refused as refused:
        return _over(refused)


@blueprint.post("/tell/<search_id>/language")
@_for_pharmacies
def report(search_id: str) -> Response:
    """Tell the practice which language the person needs."""
    words = request.form.get("interpreter")
    interpreter = {"yes": True, "no": False}.get(words or "")
    try:
        tag = request.form.get("language", "")
        report_from_counter(database(), own_code(), search_id, tag, interpreter, own_actor())
    except Refused as refused:
        return _over(refused) if refused.code == "search-over" else _choices(search_id, refused)
    flash("The practice is told. It confirms the language before anything changes.", SUCCESS)
    return redirect(here(f"/pharmacy/tell/{search_id}"), 303)


def _choices(search_id: str, refused: Refused | None = None) -> Response:
    with database().read() as session:
        found = found_before(session, own_pharmacy_id(), own_account_id(), search_id, utc_now())
        if found is None:
            return _gone()
        person = found.person
        why = why_no_text(session, found.pharmacy, [person], in_english_too=[person.id or 0])
        return render(
            "pharmacy/choose.html",
            400 if refused else 200,
            refused=refused,
            found=found,
            who=found.who(session),
            choices=CHOICES,
            no_text=NOBODY if why else None,
            need=language_need(session, found.pharmacy, person),
            languages=[LANGUAGES[tag] for tag in WORDED] + _others(),
            known=len(WORDED),
        )


def _seen(search_id: str, choice: Choice, refused: Refused | None = None) -> Response:
    now = utc_now()
    with database().read() as session:
        found = found_before(session, own_pharmacy_id(), own_account_id(), search_id, now)
        if found is None:
            return _gone()
        try:
            shown = preview(session, settings(), found, choice, now)
        except Refused as reason:
            return _choices(search_id, reason)
        what = next(word for word, known in CHOICES.items() if known == choice)
        return render(
            "pharmacy/preview.html",
            409 if refused else 200,
            refused=refused,
            found=found,
            what=what,
            choice=choice,
            shown=shown,
            who=found.who(session),
            now=now,
        )


def _others() -> list[Language]:
    return sorted((each for tag, each in LANGUAGES.items() if tag not in WORDED), key=lambda each: each.english)


def _gone() -> Response:
    """Another account's search, another pharmacy's, and one that is over look alike."""
    abort(404)


def _over(refused: Refused) -> Response:
    return _form(refused)


@blueprint.get("/today")
@_for_pharmacies
def today() -> Response:
    """Who is to be phoned, who has not collected, and what else there was."""
    with database().read() as session:
        shown = todays_list(session, session.get_one(Pharmacy, own_pharmacy_id()), utc_now())
    return render(
        "pharmacy/today.html",
        shown=shown,
        days=SHOWN_FOR.days,
        states=STATES_IN_WORDS,
        why=WHY_IN_WORDS,
        answers=ANSWERS_IN_WORDS,
    )


@blueprint.post("/today/<notice_id>/collected")
@_for_pharmacies
def collected(notice_id: str) -> Response:
    """They have it: nobody reminds them."""
    mark_collected(database(), settings(), own_code(), notice_id, own_actor())
    return _back("Noted as collected. No reminder goes.")


@blueprint.post("/today/<notice_id>/phoned")
@_for_pharmacies
def phoned(notice_id: str) -> Response:
    """They were phoned."""
    mark_phoned(database(), own_code(), notice_id, own_actor())
    return _back("Noted as phoned.")


@blueprint.post("/today/<notice_id>/withdraw")
@_for_pharmacies
def withdraw(notice_id: str) -> Response:
    """The text does not go."""
    take_back_notice(database(), own_code(), notice_id, own_actor())
    return _back("Taken back. The text does not go.")


@blueprint.post("/today/<notice_id>/anyway")
@_for_pharmacies
def anyway(notice_id: str) -> Response:
    """The same was said within a day, and it goes all the same."""
    send_held_notice(database(), settings(), own_code(), notice_id, own_actor())
    return _back("It goes, unless no text is possible; the list says so.")


def _back(words: str) -> Response:
    flash(words, SUCCESS)
    return redirect(here(TODAY.path), 303)
