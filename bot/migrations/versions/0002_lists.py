"""Lists: what a heading means to a practice, conflicts for a person to settle, work that can be taken up again"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATES = "state IN ('reading', 'columns', 'previewed', 'storing', 'confirmed', 'discarded', 'refused')"
_STATES_BEFORE = "state IN ('previewed', 'confirmed', 'discarded')"

_DISCARD_UNFINISHED = """
UPDATE list_import SET state = 'discarded', content = NULL WHERE state NOT IN ('previewed', 'confirmed')
"""


def upgrade() -> None:
    op.create_table(
        "list_heading",
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("heading", sqltypes.AutoString(length=200), nullable=False),
        sa.Column("field", sqltypes.AutoString(length=40), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_list_heading_practice_id_practice")),
        sa.PrimaryKeyConstraint("practice_id", "heading", name=op.f("pk_list_heading")),
    )
    op.create_table(
        "list_conflict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("nhs_number", sqltypes.AutoString(length=10), nullable=False),
        sa.Column("digest", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("chosen", sqltypes.AutoString(length=64), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("found_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("settled_at", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'settled', 'superseded')", name=op.f("ck_list_conflict_state")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_list_conflict_practice_id_practice")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_list_conflict_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_conflict")),
        sa.UniqueConstraint(
            "practice_id", "nhs_number", "digest", name=op.f("uq_list_conflict_practice_id_nhs_number_digest")
        ),
    )
    op.create_index("ix_list_conflict_practice_state", "list_conflict", ["practice_id", "state"])
    op.add_column("patient", sa.Column("disputed", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("list_import") as batch_op:
        batch_op.add_column(sa.Column("rows_done", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("busy_until", sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("refusal", sqltypes.AutoString(), nullable=True))
        batch_op.drop_constraint(op.f("ck_list_import_state"), type_="check")
        batch_op.create_check_constraint(op.f("ck_list_import_state"), _STATES)


def downgrade() -> None:
    op.execute(_DISCARD_UNFINISHED)
    with op.batch_alter_table("list_import") as batch_op:
        batch_op.drop_constraint(op.f("ck_list_import_state"), type_="check")
        batch_op.create_check_constraint(op.f("ck_list_import_state"), _STATES_BEFORE)
        batch_op.drop_column("refusal")
        batch_op.drop_column("busy_until")
        batch_op.drop_column("rows_done")
    op.drop_column("patient", "disputed")
    op.drop_table("list_conflict")
    op.drop_table("list_heading")
