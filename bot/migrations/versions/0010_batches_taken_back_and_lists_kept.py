"""Batches that were taken back, texts that wait for the sending window, and who was on a list, kept for a while"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WAITING = "state = 'queued' AND waits_for_window"


def upgrade() -> None:
    op.add_column("batch", sa.Column("taken_back", sa.Integer(), server_default="0", nullable=False))
    op.add_column("batch", sa.Column("taken_back_at", sqltypes.UTCDateTime(), nullable=True))
    op.add_column("message", sa.Column("waits_for_window", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_message_waits_for_window",
        "message",
        ["kind", "not_before"],
        sqlite_where=sa.text(f"{WAITING} = 1"),
        postgresql_where=sa.text(WAITING),
    )
    op.add_column("list_import", sa.Column("people_kept_until", sqltypes.UTCDateTime(), nullable=True))
    op.create_table(
        "listed_person",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["list_import.id"], name=op.f("fk_listed_person_list_id_list_import")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_listed_person_patient_id_patient")),
        sa.PrimaryKeyConstraint("list_id", "patient_id", name=op.f("pk_listed_person")),
    )
    # Not by a batch: on SQLite it makes the table anew, which other tables refer to.
    constraint = "CONSTRAINT fk_campaign_list_id_list_import REFERENCES list_import (id)"
    op.execute(f"ALTER TABLE campaign ADD COLUMN list_id INTEGER {constraint}")


def downgrade() -> None:
    with op.batch_alter_table("campaign") as batch_op:
        batch_op.drop_column("list_id")
    op.drop_table("listed_person")
    op.drop_column("list_import", "people_kept_until")
    op.drop_index("ix_message_waits_for_window", "message")
    op.drop_column("message", "waits_for_window")
    op.drop_column("batch", "taken_back_at")
    op.drop_column("batch", "taken_back")
