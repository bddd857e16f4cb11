"""What is told at the counter: seen first, sent once, and again within a day only on purpose."""

import re
from datetime import timedelta

import pytest
import time_machine

from bot.clock import utc_now
from bot.pharmacy.counter.searching import NOBODY
from bot.pharmacy.counter.telling import CHOICES
from bot.settings import Settings
from bot.tables.pharmacy import NoticeState
from bot.texts.parts import count_parts
from tests.messaging.helpers import with_changes
from tests.pharmacy.counter.counters import Counter, make_counter, words


def bodies(page: str) -> list[str]:
    """The texts on a page, as they would be sent."""
    import html

    return [html.unescape(found) for found in re.findall(r'etr-bubble__words"[^>]*>([^<]*)<', page)]


@pytest.mark.parametrize("what", CHOICES)
@pytest.mark.parametrize("language", ["pl", "ur", "hu", None])
def test_what_is_seen_is_what_is_sent(counter: Counter, what: str, language: str | None) -> None:
    person = counter.town.somebody(language=language)
    public = counter.finds(person)
    page = counter.client.get(f"/pharmacy/tell/{public}?what={what}")
    assert page.status_code == 200
    counter.posts(f"/pharmacy/tell/{public}/send", what=what)
    [text] = counter.town.texts(person)
    assert bodies(page.text)[-1] == text.body
    parts = count_parts(text.body).parts
    assert f"{parts} part{'' if parts == 1 else 's'}" in words(page)
    assert parts <= 4


def test_a_person_is_found_seen_and_told_in_three_steps(counter: Counter) -> None:
    found = counter.posts("/pharmacy/find", code=counter.code_of())
    chosen = counter.client.get(found.headers["Location"])
    assert "What do you tell them?" in chosen.text
    assert counter.town.person.surname not in chosen.text
    shown = counter.client.get(f"{found.headers['Location']}?what=ready")
    assert "As it is sent" in shown.text
    sent = counter.client.post(f"{found.headers['Location']}/send", data={"what": "ready"}, follow_redirects=True)
    assert "The text goes now." in sent.text
    assert sent.request.path == "/pharmacy/"
    [notice] = counter.town.notices()
    assert (notice.source, notice.state, notice.made_by) == ("form", "queued", f"pharmacy:{counter.account.id}")


def test_the_same_form_sent_twice_sends_one_text(counter: Counter) -> None:
    public = counter.finds()
    for _ in range(2):
        sent = counter.posts(f"/pharmacy/tell/{public}/send", what="ready")
        assert sent.status_code == 303
    assert len(counter.town.texts()) == 1
    back = counter.client.get(f"/pharmacy/tell/{public}?what=ready")
    assert "went off from this page already" in back.text
    assert ">Send<" not in back.text


def test_after_the_back_button_something_else_is_not_sent_by_the_same_search(counter: Counter) -> None:
    public = counter.finds()
    counter.posts(f"/pharmacy/tell/{public}/send", what="ready")
    other = counter.posts(f"/pharmacy/tell/{public}/send", what="cannot-read")
    assert other.status_code == 409
    assert "Enter the code or number again" in other.text
    assert len(counter.town.notices()) == 1


def test_the_same_within_a_day_goes_only_on_purpose(counter: Counter) -> None:
    counter.sends()
    again = counter.finds()
    page = counter.client.get(f"/pharmacy/tell/{again}?what=ready")
    assert "You told them the same today at 9am" in words(page)
    assert "Send it anyway" in page.text
    refused = counter.posts(f"/pharmacy/tell/{again}/send", what="ready")
    assert refused.status_code == 409
    assert len(counter.town.texts()) == 1
    counter.posts(f"/pharmacy/tell/{again}/send", what="ready", anyway="yes")
    assert len(counter.town.texts()) == 2
    assert [notice.state for notice in counter.town.notices()] == [NoticeState.QUEUED] * 2


def test_something_else_or_a_day_later_is_no_repetition(counter: Counter) -> None:
    counter.sends()
    counter.sends("out-of-stock")
    with time_machine.travel(utc_now() + timedelta(hours=25)):
        counter.signs_in()
        counter.sends()
    assert len(counter.town.notices()) == 3


def test_who_reads_english_is_texted_when_the_counter_says_so(counter: Counter) -> None:
    person = counter.town.somebody(language="en")
    page = counter.client.get(f"/pharmacy/tell/{counter.finds(person)}?what=ready")
    assert "The same: this text goes in English." in page.text
    counter.sends(person=person)
    assert len(counter.town.texts(person)) == 1


def test_at_night_the_page_says_when_the_text_goes(counter: Counter, settings: Settings) -> None:
    by_day = with_changes(settings, send_window="08:00-20:00")
    with time_machine.travel("2026-11-24T22:30:00Z", tick=False):
        counter = make_counter(counter.db, by_day, counter.town)
        public = counter.finds()
        assert "Texts do not go at this hour." in counter.client.get(f"/pharmacy/tell/{public}?what=ready").text
        assert "The text goes on Wednesday 25 November 2026 at 8am" in counter.sends().text


def test_without_opening_hours_none_are_said(counter: Counter) -> None:
    from bot.pharmacy.organising.hours import set_hours

    with counter.db.write() as session:
        set_hours(session, counter.town.pharmacy, [])
    page = counter.client.get(f"/pharmacy/tell/{counter.finds()}?what=ready")
    assert "Open " not in bodies(page.text)[0]
    counter.sends("ready")
    assert len(counter.town.texts()) == 1


def test_a_search_that_is_over_asks_for_the_code_again(counter: Counter) -> None:
    public = counter.finds()
    with time_machine.travel(utc_now() + timedelta(minutes=16)):
        late = counter.posts(f"/pharmacy/tell/{public}/send", what="ready")
    assert late.status_code == 400
    assert "Enter the code or number once more" in late.text
    assert counter.town.notices() == []


def test_what_is_no_message_is_refused(counter: Counter) -> None:
    assert counter.posts(f"/pharmacy/tell/{counter.finds()}/send", what="collected").status_code == 400


def test_no_page_names_the_person_or_their_number(counter: Counter) -> None:
    person = counter.town.somebody(surname="Secretname", given_name="Secretgiven")
    public = counter.finds(person)
    pages = [
        counter.client.get(f"/pharmacy/tell/{public}"),
        counter.client.get(f"/pharmacy/tell/{public}?what=ready"),
        counter.sends(person=person),
        counter.client.get("/pharmacy/today"),
    ]
    local = f"0{(person.phone or '')[3:]}"
    for page in pages:
        assert "Secret" not in page.text
        assert local not in page.text.replace(" ", "")
        assert person.nhs_number not in page.text.replace(" ", "")
        assert NOBODY not in page.text
