"""A pharmacy says the same by its system and at the counter, then has a problem; the wire says it three times."""

from tests.messaging.helpers import change
from tests.pharmacy.notices.world import Town


def test_a_pharmacy_that_sends_twice(town: Town) -> None:
    first = town.says("ready")
    town.later(minutes=5)
    again = town.says("ready", source="form")
    assert (town.stands(again)["state"], town.stands(again)["why_none"]) == ("held", "held-duplicate")
    assert town.fresh(again).duplicate_of == first.id
    assert town.said() == ["pharmacy-ready"]

    problem = town.says("problem", reason="out-of-stock")
    town.later(minutes=1)
    assert town.said() == ["pharmacy-ready", "pharmacy-out-of-stock"]
    assert "01632" in town.texts()[-1].body
    town.writes("1")
    assert town.stands(problem)["state"] == "answered"

    stranger = town.somebody(language=None)
    town.says("ready", stranger)
    [text] = town.texts(stranger)
    assert text.language == "en"
    assert "\n9 = " in text.body

    change(town.db, town.pharmacy, offers="delivery")
    other = town.somebody()
    for _ in range(3):
        town.wire("ready", other)
        town.later(minutes=3)
    town.later(minutes=2)
    assert town.said(other) == ["pharmacy-ready-or-delivered"]
