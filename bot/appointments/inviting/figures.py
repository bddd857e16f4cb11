"""What `campaign status` says of a campaign that invites to times of a clinic."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func
from sqlalchemy import select as columns
from sqlmodel import Session, col

from bot.appointments.inviting.free_times import free_times
from bot.tables.appointments import STILL_WAITS, Visit, VisitState, WaitingRequest
from bot.tables.campaigns import Campaign

_TO_COME = (VisitState.BOOKED, VisitState.ARRIVED)


def campaign_figures(session: Session, campaign: Campaign, now: datetime) -> Mapping[str, Any]:
    """The visits of a campaign, how many of its people wait for a time, and the free times by who needs what.

    `sex` is that of the clinician, where it has to be one; `length` is `double` or `single`.
    """
    visits = columns(col(Visit.state), func.count()).where(col(Visit.campaign_id) == campaign.id)
    states = dict(session.execute(visits.group_by(col(Visit.state))).all())
    waiting = columns(func.count()).where(
        col(WaitingRequest.campaign_id) == campaign.id, col(WaitingRequest.state).in_(STILL_WAITS)
    )
    return {
        "booked": sum(states.get(state, 0) for state in _TO_COME),
        "attended": states.get(VisitState.ATTENDED, 0),
        "waiting_list": session.execute(waiting).scalar_one(),
        "free_times": _free_times(session, campaign, now),
    }


def people_seen(campaign_id: int) -> Select[int | None, str]:
    """Whoever of a campaign came to a visit of it, each person once, with the state of that visit."""
    seen = columns(col(Visit.patient_id), func.max(col(Visit.state))).where(
        col(Visit.campaign_id) == campaign_id, col(Visit.state) == VisitState.ATTENDED
    )
    return seen.group_by(col(Visit.patient_id))


def _free_times(session: Session, campaign: Campaign, now: datetime) -> list[dict[str, Any]]:
    free = free_times(session, campaign, now)
    return [
        {
            "language": group.language,
            "interpreter": group.interpreted,
            "sex": free.at.clinician_sex,
            "length": "double" if free.asked_by(group).double else "single",
            "n": free.times[group.key],
        }
        for group in free.groups
    ]
