"""For the practice: languages that pharmacies report, to confirm or decline; consent and labels for its people."""

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_actor, own_code, own_practice_id
from bot.conversations.about_people import Whom
from bot.pharmacy.counter.label_pages import label_page
from bot.pharmacy.counter.labels import practices_label
from bot.pharmacy.counter.languages import note_consent, settle_report, waiting_reports
from bot.pharmacy.counter.places import REPORTED_LANGUAGES
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.texts.languages import LANGUAGES, record_code
from bot.web import SUCCESS, database, here, one_page, page_number, render

blueprint = Blueprint("pharmacy_languages", __name__, url_prefix=REPORTED_LANGUAGES)
_for_practice = for_roles(Role.PRACTICE, Role.LEAD)
_ON_A_PAGE = 50


@blueprint.get("")
@_for_practice
def reported_languages() -> Response:
    """The reports that wait, the oldest first."""
    return _page()


@blueprint.post("/<int:language_report_id>/confirm")
@_for_practice
def confirm(language_report_id: int) -> Response:
    """It is so: texts go in that language from now on."""
    reported = settle_report(database(), own_code(), language_report_id, confirm=True, actor=own_actor())
    language = LANGUAGES[reported.report.language].english
    flash(f"Confirmed: texts go in {language} from now on. Record it in your own system too.", SUCCESS)
    return redirect(here(REPORTED_LANGUAGES), 303)


@blueprint.post("/<int:language_report_id>/decline")
@_for_practice
def decline(language_report_id: int) -> Response:
    """It is not so: nothing changes."""
    settle_report(database(), own_code(), language_report_id, confirm=False, actor=own_actor())
    flash("Declined. Nothing was changed.", SUCCESS)
    return redirect(here(REPORTED_LANGUAGES), 303)


@blueprint.post("/consent")
@_for_practice
def consent() -> Response:
    """The record says whether pharmacies may know which language a person needs."""
    yes = {"yes": True, "no": False}.get(request.form.get("may_know", ""))
    try:
        if yes is None:
            raise Refused("no-choice", "Choose whether the pharmacy may know.")
        note_consent(database(), _whom(), yes=yes, actor=own_actor())
    except Refused as refused:
        return _page(refused, "may_know" if refused.code == "no-choice" else "consent-number")
    flash("Noted. " + ("A pharmacy may know the language." if yes else "No pharmacy may know the language."), SUCCESS)
    return redirect(here(REPORTED_LANGUAGES), 303)


@blueprint.post("/label")
@_for_practice
def label() -> Response:
    """A label for a person to take to the pharmacy."""
    try:
        return label_page(practices_label(database(), _whom(), own_actor()), REPORTED_LANGUAGES)
    except Refused as refused:
        return _page(refused, "label-number")


def _whom() -> Whom:
    return Whom(own_code(), request.form.get("nhs_number", "").strip())


def _page(refused: Refused | None = None, field: str = "") -> Response:
    number = page_number()
    with database().read() as session:
        rows = waiting_reports(session, own_practice_id(), _ON_A_PAGE + 1, (number - 1) * _ON_A_PAGE)
    return render(
        "pharmacy/languages.html",
        400 if refused else 200,
        page=one_page(rows, number, _ON_A_PAGE),
        languages=LANGUAGES,
        record_code=record_code,
        refused=refused,
        field=field,
        entered=request.form,
    )
