"""A campaign and its cohort as tables to be saved: a heading, then rows of words."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from bot.attention.reasons import STATES, in_words
from bot.campaigns.capacity import invitation_of_member
from bot.campaigns.previewing import language_name
from bot.campaigns.progress import Progress, campaign_progress
from bot.tables.campaigns import Batch, CampaignMember
from bot.tables.messaging import Message
from bot.tables.patients import Patient

COUNTED = {
    "People": "people",
    "Not invited yet": "waiting",
    "Queued": "queued",
    "Sent": "sent",
    "Delivered": "delivered",
    "Replied": "replied",
    "Said yes": "yes",
    "Referred": "referred",
    "Silent": "silent",
    "Failed": "failed",
    "Left out": "left_out",
}
"""The columns of numbers, each with its name in `Progress`."""
PROGRESS_HEADING = ("By", "Group", *COUNTED)
COHORT_HEADING = ("NHS Number", "Name", "Date of Birth", "Phone", "Language", "Batch", "Text", "Answer")
_ANSWERS = {"opted_out": "no more texts"}


def progress_rows(
    session: Session, campaign_id: int, reasons: Sequence[tuple[str, int]], since: Sequence[tuple[str, int]]
) -> Iterator[Sequence[str]]:
    """Progress of all, by batch and by language; then who is not texted, by reason.

    :param reasons: why people were left out of the plan, in words, and how many; `since`: the same of later.
    """
    progress = campaign_progress(session, campaign_id)
    yield "All", "Everybody in the cohort", *_numbers(progress.whole)
    for batch in progress.by_batch:
        yield "Batch", f"Batch {batch.key}", *_numbers(batch.progress)
    for language in progress.by_language:
        yield "Language", language_name(language.key), *_numbers(language.progress)
    for heading, counted in (("Left out of the plan", reasons), ("Not texted since the plan", since)):
        for words, people in counted:
            yield heading, words, str(people), *("" for _ in range(len(COUNTED) - 1))


def _numbers(progress: Progress) -> Iterator[str]:
    return (str(getattr(progress, name)) for name in COUNTED.values())


def cohort_rows(session: Session, campaign_id: int) -> Iterator[Sequence[str]]:
    """Everybody in the cohort in the order in which they are invited, and how far each has come."""
    statement = (
        select(Patient, CampaignMember, col(Batch.number), col(Message.state))
        .join(CampaignMember, col(CampaignMember.patient_id) == col(Patient.id))
        .outerjoin(Batch, col(Batch.id) == col(CampaignMember.batch_id))
        .outerjoin(Message, invitation_of_member())
        .where(col(CampaignMember.campaign_id) == campaign_id)
        .order_by(col(CampaignMember.id))
    )
    for patient, member, batch, state in session.execute(statement.execution_options(yield_per=1000)):
        yield (
            patient.nhs_number,
            f"{patient.given_name} {patient.surname}".strip(),
            patient.born.isoformat(),
            patient.phone or "",
            language_name(member.recorded_language),
            "" if batch is None else str(batch),
            _text(member, state),
            in_words(_ANSWERS, member.answer or ""),
        )


def _text(member: CampaignMember, state: str | None) -> str:
    if member.batch_id is None:
        return "left out" if member.left_out else "not invited yet"
    return in_words(STATES, state or "")
