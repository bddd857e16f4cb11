"""Whatever a report says: a row comes to one thing, a visit we know to at most one, and twice is as good as once."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.appointments.reports.judging import VisitIn
from bot.appointments.reports.matching import Change, Coverage, Known, Matching, match_report, next_state
from bot.appointments.reports.words import Status

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ALL_DAYS = Coverage(date(2026, 11, 1), date(2026, 12, 31), None, None)
people = st.sampled_from(["9990000018", "9990000026"])
starts = st.integers(-4, 12).map(lambda hours: NOW + timedelta(hours=hours * 6))
clinicians = st.sampled_from(["", "Dr A", "Dr B"])
statuses = st.sampled_from([None, Status.BOOKED, Status.CANCELLED, Status.ARRIVED, Status.DID_NOT_ATTEND])


@st.composite
def reports(draw: st.DrawFn) -> list[VisitIn]:
    """Rows as they are once those about one visit have been put together."""
    found = draw(
        st.lists(st.tuples(people, starts, st.sampled_from(["", "1", "2", "3"]), clinicians, statuses), max_size=6)
    )
    rows = [
        VisitIn(row, who, at, at + timedelta(minutes=10), ref, with_whom, status=status)
        for row, (who, at, ref, with_whom, status) in enumerate(found, 2)
    ]
    once = {(visit.ref,) if visit.ref else (visit.nhs_number, visit.starts, visit.clinician): visit for visit in rows}
    return sorted(once.values())


def after(known: list[Known], matching: Matching) -> list[Known]:
    """The visits we know once that is stored."""
    found = {each.visit_id: each for each in known}
    for each in matching.freed:
        found[each.visit_id] = found[each.visit_id]._replace(ref="")
    for visit, change, old in matching.rows:
        if change is Change.UNCHANGED:
            continue
        base = old or Known(len(found) + 1, visit.nhs_number, visit.starts, visit.ends)
        state = next_state(visit, base)
        times = {} if state == "cancelled" else {"starts": visit.starts, "ends": visit.ends}
        found[base.visit_id] = base._replace(
            **times,
            state=state,
            ref=visit.ref or base.ref,
            mode=visit.mode.value,
            clinician=visit.clinician,
            given_up_by="practice" if state == "cancelled" else None,
        )
    return list(found.values())


def matched(visits: list[VisitIn], known: list[Known]) -> Matching:
    return match_report(visits, known, ALL_DAYS, (), NOW)


@given(reports(), reports())
def test_every_row_and_every_visit_comes_to_one_thing(first: list[VisitIn], second: list[VisitIn]) -> None:
    known = after([], matched(first, []))
    found = matched(second, known)
    rows = [each.visit.row for each in found.rows] + [visit.row for visit in found.of_another]
    assert sorted(rows) == [visit.row for visit in sorted(second, key=lambda visit: visit.row)]
    spoken_of = [each.known.visit_id for each in found.rows if each.known]
    spoken_of += [each.visit_id for each in (*found.missing, *found.unclear)]
    assert not [visit_id for visit_id, times in Counter(spoken_of).items() if times > 1]
    assert all(each.state == "booked" and each.starts > NOW for each in found.missing)


@given(reports(), reports())
def test_the_same_report_again_changes_nothing(first: list[VisitIn], second: list[VisitIn]) -> None:
    known = after([], matched(first, []))
    once = matched(second, known)
    again = matched(second, after(known, once))
    assert {each.change for each in again.rows} <= {Change.UNCHANGED}
    assert len(again.of_another) == len(once.of_another)


@given(reports())
def test_nothing_is_moved_that_has_an_id_of_its_own(visits: list[VisitIn]) -> None:
    with_ids = [visit for visit in visits if visit.ref]
    known = after([], matched(with_ids, []))
    renamed = [visit._replace(ref=f"new {visit.ref}", starts=visit.starts + timedelta(hours=1)) for visit in with_ids]
    assert {each.change for each in matched(renamed, known).rows} <= {Change.NEW, Change.UNCHANGED}
