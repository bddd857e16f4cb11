"""The business statuses of a prescription's item, and which of them go with a Task that has ended."""

from enum import StrEnum


class BusinessStatus(StrEnum):
    """Where an item of a prescription stands at its pharmacy. The wire compares them without case."""

    WITH_PHARMACY = "With Pharmacy"
    PREPARING_REMAINDER = "With Pharmacy - Preparing Remainder"
    READY_TO_COLLECT = "Ready to Collect"
    READY_TO_COLLECT_PARTIAL = "Ready to Collect - Partial"
    READY_TO_DISPATCH = "Ready to Dispatch"
    READY_TO_DISPATCH_PARTIAL = "Ready to Dispatch - Partial"
    COLLECTED = "Collected"
    DISPATCHED = "Dispatched"
    NOT_DISPENSED = "Not Dispensed"


IN_PROGRESS, COMPLETED = "in-progress", "completed"
TASK_STATUSES = (IN_PROGRESS, COMPLETED)
_EITHER = frozenset([BusinessStatus.READY_TO_COLLECT, BusinessStatus.READY_TO_DISPATCH])
ENDS = frozenset([BusinessStatus.COLLECTED, BusinessStatus.DISPATCHED, BusinessStatus.NOT_DISPENSED]) | _EITHER
"""What a completed Task may say."""
GOES_ON = (frozenset(BusinessStatus) - ENDS) | _EITHER
"""What one in progress may say."""
_BY_LOWER_CASE = {status.lower(): status for status in BusinessStatus}


def read_status(written: object) -> BusinessStatus | None:
    """The status of that name, however its letters are written; None for no such status."""
    return _BY_LOWER_CASE.get(written.lower()) if isinstance(written, str) else None
