"""Who is on duty, the clock of what cannot wait, and what was found in a message"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duty_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("phone", sqltypes.AutoString(), nullable=False),
        sa.Column("begins", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_duty_entry_practice_id_practice")),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_duty_entry_made_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_entry")),
        sa.UniqueConstraint("practice_id", "begins", "phone", name=op.f("uq_duty_entry_practice_id_begins_phone")),
    )
    op.create_table(
        "duty_clock",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("rings_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["inbox_item.id"], name=op.f("fk_duty_clock_item_id_inbox_item")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_duty_clock_message_id_message")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_duty_clock")),
    )
    with op.batch_alter_table("duty_clock", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duty_clock_rings_at"), ["rings_at"], unique=False)

    no, none = sa.false(), sa.text("'[]'")
    op.add_column("inbox_item", sa.Column("paged", sa.Boolean(), server_default=no, nullable=False))
    op.add_column("inbox_item", sa.Column("concepts", sa.JSON(), server_default=none, nullable=False))
    op.add_column("practice", sa.Column("text_999_if_harmed", sa.Boolean(), server_default=no, nullable=False))


def downgrade() -> None:
    op.drop_column("practice", "text_999_if_harmed")
    op.drop_column("inbox_item", "concepts")
    op.drop_column("inbox_item", "paged")
    with op.batch_alter_table("duty_clock", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duty_clock_rings_at"))

    op.drop_table("duty_clock")
    op.drop_table("duty_entry")
