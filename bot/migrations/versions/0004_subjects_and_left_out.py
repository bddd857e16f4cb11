"""Subjects: what a text and a question are about, whatever capability brought it; who was left out, by name"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations
from sqlmodel.sql import sqltypes

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('invitation', 'consent', 'language', 'language-confirm')"
_DUE = "state = 'queued'"
_IN_FLIGHT = "state IN ('sending', 'uncertain')"
_OPEN = "state = 'open'"

_KEEP_RELEASED = """
INSERT INTO campaign_left_out (campaign_id, patient_id, reason, stage, at)
SELECT m.campaign_id, m.patient_id, m.left_out, 'release',
       COALESCE((SELECT MAX(b.approved_at) FROM batch b WHERE b.campaign_id = c.id), c.created_at)
FROM campaign_member m JOIN campaign c ON c.id = m.campaign_id WHERE m.left_out IS NOT NULL
"""
_PUT_BACK_RELEASED = """
UPDATE campaign_member SET was_left_out = COALESCE(
    (SELECT k.reason FROM campaign_left_out k
     WHERE k.campaign_id = campaign_member.campaign_id AND k.patient_id = campaign_member.patient_id), 'unsafe-phone')
WHERE left_out
"""
_SECOND_TRIES = """
UPDATE message SET retried_by_id = (SELECT second.id FROM message second WHERE second.dedupe_key = 'retry:' || message.id)
WHERE reason = 'tried-again'
"""


def upgrade() -> None:
    _subjects_up()
    _left_out_up()
    op.add_column("referral", sa.Column("purpose", sqltypes.AutoString(length=64), nullable=True))
    op.execute(
        "UPDATE referral SET purpose = COALESCE("
        "(SELECT c.purpose FROM campaign c WHERE c.id = referral.campaign_id), 'fuel-poverty')"
    )
    with op.batch_alter_table("referral") as batch_op:
        batch_op.alter_column("purpose", existing_type=sqltypes.AutoString(length=64), nullable=False)
    op.create_table(
        "care_statement",
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("stated_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_care_statement_practice_id_practice")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_care_statement_user_id_user_account")),
        sa.PrimaryKeyConstraint("practice_id", "purpose", name=op.f("pk_care_statement")),
    )


def _subjects_up() -> None:
    for table in ("message", "open_question"):
        op.add_column(table, sa.Column("subject_kind", sqltypes.AutoString(length=32), nullable=True))
        op.add_column(table, sa.Column("subject_id", sa.Integer(), nullable=True))
        op.execute(
            f"UPDATE {table} SET subject_kind = 'campaign', subject_id = campaign_id WHERE campaign_id IS NOT NULL"  # noqa: S608
        )
    op.add_column("message", sa.Column("retried_by_id", sa.Integer(), nullable=True))
    op.execute(_SECOND_TRIES)
    op.execute("UPDATE message SET reason = NULL WHERE reason = 'tried-again'")
    op.execute("UPDATE message SET dedupe_key = NULL WHERE dedupe_key LIKE 'retry:%'")
    op.drop_index("ix_message_campaign", "message")
    with _message() as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_message_campaign_id_campaign"), type_="foreignkey")
        batch_op.drop_column("campaign_id")
        batch_op.create_foreign_key(
            batch_op.f("fk_message_retried_by_id_message"), "message", ["retried_by_id"], ["id"]
        )
        batch_op.create_unique_constraint(batch_op.f("uq_message_retried_by_id"), ["retried_by_id"])
    op.create_index("ix_message_subject", "message", ["subject_kind", "subject_id", "state"])
    op.create_index("ix_message_batch", "message", ["batch_id", "patient_id"])
    with _open_question() as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_open_question_campaign_id_campaign"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("ck_open_question_kind"), type_="check")
        batch_op.drop_column("campaign_id")
        batch_op.alter_column("kind", existing_type=sqltypes.AutoString(), type_=sqltypes.AutoString(length=32))


def _left_out_up() -> None:
    op.add_column("campaign", sa.Column("stopped_at", sqltypes.UTCDateTime(), nullable=True))
    op.execute("UPDATE campaign SET stopped_at = CURRENT_TIMESTAMP WHERE state = 'stopped'")
    op.create_table(
        "campaign_left_out",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("reason", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("stage", sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("stage IN ('plan', 'release', 'claim')", name=op.f("ck_campaign_left_out_stage")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_left_out_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_campaign_left_out_patient_id_patient")),
        sa.PrimaryKeyConstraint("campaign_id", "patient_id", name=op.f("pk_campaign_left_out")),
    )
    op.create_index(op.f("ix_campaign_left_out_patient_id"), "campaign_left_out", ["patient_id"])
    op.execute(_KEEP_RELEASED)
    op.add_column("campaign_member", sa.Column("is_left_out", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE campaign_member SET is_left_out = true WHERE left_out IS NOT NULL")
    op.drop_column("campaign_member", "left_out")
    op.execute("ALTER TABLE campaign_member RENAME COLUMN is_left_out TO left_out")


def downgrade() -> None:
    op.drop_table("care_statement")
    op.drop_column("referral", "purpose")
    _left_out_down()
    _subjects_down()


def _left_out_down() -> None:
    op.add_column("campaign_member", sa.Column("was_left_out", sqltypes.AutoString(), nullable=True))
    op.execute(_PUT_BACK_RELEASED)
    op.drop_column("campaign_member", "left_out")
    op.execute("ALTER TABLE campaign_member RENAME COLUMN was_left_out TO left_out")
    op.drop_table("campaign_left_out")
    op.drop_column("campaign", "stopped_at")


def _subjects_down() -> None:
    for table in ("message", "open_question"):
        op.add_column(table, sa.Column("campaign_id", sa.Integer(), nullable=True))
        op.execute(
            f"UPDATE {table} SET campaign_id = CASE subject_kind WHEN 'campaign' THEN subject_id WHEN 'referral' THEN "  # noqa: S608
            f"(SELECT r.campaign_id FROM referral r WHERE r.id = {table}.subject_id) END"
        )
    # A question the code before does not know can no longer be answered.
    op.execute(
        f"DELETE FROM open_question WHERE NOT ({_KINDS}) "  # noqa: S608
        "AND id NOT IN (SELECT question_id FROM reply_reading WHERE question_id IS NOT NULL)"
    )
    op.execute(f"UPDATE open_question SET kind = 'language', state = 'expired' WHERE NOT ({_KINDS})")  # noqa: S608
    op.execute(
        "UPDATE message SET dedupe_key = 'retry:' || (SELECT first.id FROM message first "
        "WHERE first.retried_by_id = message.id) WHERE id IN (SELECT retried_by_id FROM message)"
    )
    op.execute("UPDATE message SET reason = 'tried-again' WHERE retried_by_id IS NOT NULL")
    op.drop_index("ix_message_batch", "message")
    op.drop_index("ix_message_subject", "message")
    with _open_question() as batch_op:
        batch_op.alter_column("kind", existing_type=sqltypes.AutoString(length=32), type_=sqltypes.AutoString())
        batch_op.create_check_constraint(batch_op.f("ck_open_question_kind"), _KINDS)
        batch_op.create_foreign_key(
            batch_op.f("fk_open_question_campaign_id_campaign"), "campaign", ["campaign_id"], ["id"]
        )
        batch_op.drop_column("subject_id")
        batch_op.drop_column("subject_kind")
    with _message() as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_message_retried_by_id"), type_="unique")
        batch_op.drop_constraint(batch_op.f("fk_message_retried_by_id_message"), type_="foreignkey")
        batch_op.create_foreign_key(batch_op.f("fk_message_campaign_id_campaign"), "campaign", ["campaign_id"], ["id"])
        batch_op.drop_column("retried_by_id")
        batch_op.drop_column("subject_id")
        batch_op.drop_column("subject_kind")
    op.create_index("ix_message_campaign", "message", ["campaign_id", "batch_id", "state"])


@contextmanager
def _recreated(table: str, **partial: tuple[list[str], str, bool]) -> Iterator[BatchOperations]:
    """A table that SQLite builds anew: its partial indexes are taken off meanwhile."""
    for name in partial:
        op.drop_index(name, table)
    with op.batch_alter_table(table) as batch_op:
        yield batch_op
    for name, (columns, where, unique) in partial.items():
        only = sa.text(where)
        op.create_index(name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)


def _message() -> AbstractContextManager[BatchOperations]:
    due = (["sender_id", "priority", "not_before", "id"], _DUE, False)
    return _recreated("message", ix_message_due=due, ix_message_in_flight=(["state"], _IN_FLIGHT, False))


def _open_question() -> AbstractContextManager[BatchOperations]:
    return _recreated("open_question", uq_open_question_phone=(["sender_id", "phone"], _OPEN, True))
