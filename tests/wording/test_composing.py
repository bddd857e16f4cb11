"""Which words may be sent now, and in which language: the person's own, else approved English with an offer."""

from datetime import date, time

import pytest

from bot.database import Database
from bot.settings import Settings
from bot.texts.catalogue import catalogue
from bot.texts.languages import LANGUAGES, LIFELINES_ONLY, WORDED
from bot.texts.parts import count_parts
from bot.texts.wording import fill, wording_for
from bot.wording.composing import NotApprovedError, Wordings, load_wordings
from tests.messaging.helpers import approve

VALUES = {"practice": "Station Practice", "partner": "Citizens Advice", "practice_phone": "+441632960100"}
INVITATION = "fuel-poverty-invitation"


def wordings(db: Database, settings: Settings) -> Wordings:
    with db.read() as session:
        return load_wordings(session, settings)


@pytest.mark.parametrize("tag", WORDED)
def test_in_demo_everybody_with_wording_gets_their_own_language(db: Database, settings: Settings, tag: str) -> None:
    composed = wordings(db, settings).compose(INVITATION, tag, VALUES)
    wording = wording_for(INVITATION, tag)
    assert wording
    assert (composed.language, composed.own, composed.digest) == (tag, True, wording.digest)
    assert composed.parts == count_parts(composed.body).parts
    assert "Station Practice" in composed.body


def test_in_live_nothing_that_nobody_has_approved_is_said(db: Database, earnest: Settings) -> None:
    with pytest.raises(NotApprovedError):
        wordings(db, earnest).compose(INVITATION, "ur", VALUES)
    approve(db, INVITATION, tag="ur")
    with pytest.raises(NotApprovedError):
        wordings(db, earnest).compose(INVITATION, "en", VALUES)


def test_in_live_a_draft_gives_way_to_approved_english(db: Database, earnest: Settings) -> None:
    approve(db, INVITATION)
    composed = wordings(db, earnest).compose(INVITATION, "ur", VALUES)
    assert (composed.language, composed.own) == ("en", False)
    assert composed.body.isascii()


def test_the_call_offer_stands_under_english_once_it_is_approved_in_the_persons_language(
    db: Database, earnest: Settings
) -> None:
    approve(db, INVITATION)
    approve(db, "call-offer", tag="ur")
    composed = wordings(db, earnest).compose(INVITATION, "ur", VALUES)
    offer = wording_for("call-offer", "ur")
    assert offer
    assert composed.body.endswith("\n" + offer.body)
    assert composed.parts == count_parts(composed.body).parts


def test_the_persons_own_language_is_used_once_it_is_approved(db: Database, earnest: Settings) -> None:
    approve(db, INVITATION)
    approve(db, INVITATION, tag="ur")
    assert wordings(db, earnest).compose(INVITATION, "ur", VALUES).own


@pytest.mark.parametrize("tag", ["am", "cs", "hr", "xx"])
def test_a_language_without_wording_of_a_text_gets_english(db: Database, settings: Settings, tag: str) -> None:
    composed = wordings(db, settings).compose(INVITATION, tag, VALUES)
    assert (composed.language, composed.own) == ("en", False)


def test_a_language_that_is_spoken_gets_the_one_that_is_read(db: Database, settings: Settings) -> None:
    composed = wordings(db, settings).compose(INVITATION, "syl", VALUES)
    assert (composed.language, composed.own) == ("bn", True)


@pytest.mark.parametrize(("spoken", "read"), [("phr", "ur"), ("hnd", "ur"), ("syl", "bn")])
def test_who_speaks_a_language_that_few_write_is_offered_a_call_in_it(
    db: Database, settings: Settings, spoken: str, read: str
) -> None:
    now = wordings(db, settings)
    offer = wording_for("talk-offer", read)
    assert offer
    line = fill(catalogue()["talk-offer"], read, offer.body, {"language": LANGUAGES[spoken].native})
    composed, plainly = now.compose(INVITATION, spoken, VALUES), now.compose(INVITATION, read, VALUES)
    assert (composed.language, composed.own, composed.body) == (read, True, f"{plainly.body}\n{line}")
    assert composed.line_digest == offer.digest
    assert composed.parts == count_parts(composed.body).parts


@pytest.mark.parametrize("tag", ["ur", "bn", "cmn"])
def test_nobody_else_is_offered_one(db: Database, settings: Settings, tag: str) -> None:
    assert wordings(db, settings).compose(INVITATION, tag, VALUES).line_digest is None


def test_a_call_is_offered_under_invitations_alone(db: Database, settings: Settings) -> None:
    composed = wordings(db, settings).compose("fuel-poverty-no-thanks", "phr", {"practice": "Station Practice"})
    assert (composed.language, composed.line_digest) == ("ur", None)


def test_the_offer_of_a_call_waits_for_its_approval(db: Database, earnest: Settings) -> None:
    approve(db, INVITATION)
    approve(db, INVITATION, tag="ur")
    assert wordings(db, earnest).compose(INVITATION, "phr", VALUES).line_digest is None
    approve(db, "talk-offer", tag="ur")
    assert wordings(db, earnest).compose(INVITATION, "phr", VALUES).line_digest


def test_with_no_language_on_record_one_line_names_five(db: Database, settings: Settings) -> None:
    composed = wordings(db, settings).compose(INVITATION, None, VALUES)
    assert (composed.language, composed.own) == ("en", False)
    assert composed.body.splitlines()[-1] == "9 = اردو বাংলা Polski العربية Română"


@pytest.mark.parametrize("tag", LIFELINES_ONLY)
def test_a_language_that_has_the_lifelines_alone_gets_english_with_its_call_offer(
    db: Database, settings: Settings, tag: str
) -> None:
    now = wordings(db, settings)
    composed, offer = now.compose(INVITATION, tag, VALUES), wording_for("call-offer", tag)
    assert offer
    assert (composed.language, composed.own) == ("en", False)
    assert composed.body.splitlines()[-len(offer.body.splitlines()) :] == offer.body.splitlines()
    assert composed.parts == count_parts(composed.body).parts
    assert now.language_for(INVITATION, tag) == "en"
    for text in catalogue().values():
        assert now.language_for(text.key, tag) == (tag if text.lifeline else "en")


@pytest.mark.parametrize(("spoken", "read"), [("kfr", "gu"), ("cmn", "zh-Hans"), ("yue", "zh-Hant")])
def test_a_lifeline_for_one_who_speaks_another_is_in_the_language_they_read(
    db: Database, settings: Settings, spoken: str, read: str
) -> None:
    assert wordings(db, settings).compose("emergency", spoken, {}).language == read


def test_lines_stand_under_invitations_only(db: Database, settings: Settings) -> None:
    for tag in (None, "am", "hr"):
        composed = wordings(db, settings).compose("fuel-poverty-no-thanks", tag, {"practice": "Station Practice"})
        assert "9 =" not in composed.body


def test_it_is_said_whether_people_stand_by_the_words(db: Database, settings: Settings) -> None:
    approve(db, "call-offer", tag="ur")
    here = wordings(db, settings)
    assert here.compose("call-offer", "ur", {}).approved
    assert not here.compose("call-offer", "pl", {}).approved


@pytest.mark.parametrize("tag", [tag for tag in WORDED if tag != "en"])
def test_the_question_which_language_has_the_same_in_english_under_it(
    db: Database, settings: Settings, tag: str
) -> None:
    composed = wordings(db, settings).compose("language-confirm", tag, {})
    own = wording_for("language-confirm", tag)
    assert own
    *theirs, english = composed.body.splitlines()
    assert theirs == own.body.splitlines()
    assert english == f"Shall we write to you in {LANGUAGES[tag].english}? 1 = yes, 2 = no"
    assert composed.parts == count_parts(composed.body).parts <= 3


def test_asked_in_english_it_is_asked_once(db: Database, settings: Settings) -> None:
    assert wordings(db, settings).compose("language-confirm", "en", {}).body.count("?") == 1


@pytest.mark.parametrize(("tag", "lines"), [("cs", 2), ("am", 2), ("ur", 1), ("hr", 1), (None, 1)])
def test_who_will_be_called_hears_so_with_the_offer_we_have_in_their_language(
    db: Database, settings: Settings, tag: str | None, lines: int
) -> None:
    body = wordings(db, settings).compose("person-will-read", tag, {"practice": "Station Practice"}).body
    assert len(body.splitlines()) == lines


def test_an_address_ends_at_a_comma_where_the_text_would_take_more_parts_than_it_may(
    db: Database, settings: Settings
) -> None:
    values = {
        "pharmacy": "Well Pharmacy",
        "address": f"Unit 4, 112 Manningham Lane, {'Bradford and its neighbours, ' * 8}England",
        "hours_date": date(2026, 11, 25),
        "opens": time(9),
        "closes": time(18),
    }
    composed = wordings(db, settings).compose("pharmacy-ready", "bn", values)
    assert composed.parts <= catalogue()["pharmacy-ready"].cap
    assert "Unit 4" in composed.body
    assert "England" not in composed.body
