"""Who was looked for at the counter of a pharmacy, and who has been phoned"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counter_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("pharmacy_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("by_number", sa.Boolean(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_counter_search_notice_id_notice")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_counter_search_patient_id_patient")),
        sa.ForeignKeyConstraint(["pharmacy_id"], ["pharmacy.id"], name=op.f("fk_counter_search_pharmacy_id_pharmacy")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_counter_search_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_search")),
        sa.UniqueConstraint("public", name=op.f("uq_counter_search_public")),
    )
    with op.batch_alter_table("counter_search", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_counter_search_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_counter_search_notice_id"), ["notice_id"], unique=False)
        batch_op.create_index("ix_counter_search_user", ["user_id", "at"], unique=False)
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phoned_at", sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_column("phoned_at")

    with op.batch_alter_table("counter_search", schema=None) as batch_op:
        batch_op.drop_index("ix_counter_search_user")
        batch_op.drop_index(batch_op.f("ix_counter_search_notice_id"))
        batch_op.drop_index(batch_op.f("ix_counter_search_at"))

    op.drop_table("counter_search")
