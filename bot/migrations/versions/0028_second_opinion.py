"""Replies that a learned reader looks at a second time"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("state IN ('queued', 'working')")


def upgrade() -> None:
    op.create_table(
        "second_opinion",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("arrived_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim_ref", sqltypes.AutoString(length=64), nullable=True),
        sa.Column("lease_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("danger", sa.Float(), nullable=True),
        sa.Column("by_another", sa.Float(), nullable=True),
        sa.Column("head", sqltypes.AutoString(length=16), nullable=True),
        sa.Column("raised", sqltypes.AutoString(length=8), nullable=True),
        sa.Column("read_at", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'working', 'read', 'failed')", name=op.f("ck_second_opinion_state")),
        sa.CheckConstraint("raised IS NULL OR raised IN ('red', 'paged')", name=op.f("ck_second_opinion_raised")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_second_opinion_message_id_message")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_second_opinion")),
    )
    with op.batch_alter_table("second_opinion", schema=None) as batch_op:
        batch_op.create_index(
            "ix_second_opinion_due",
            ["arrived_at"],
            unique=False,
            sqlite_where=UNFINISHED,
            postgresql_where=UNFINISHED,
        )


def downgrade() -> None:
    with op.batch_alter_table("second_opinion", schema=None) as batch_op:
        batch_op.drop_index("ix_second_opinion_due", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED)

    op.drop_table("second_opinion")
