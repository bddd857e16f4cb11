"""Sessions as rows, and tries to sign in counted by account and place together"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("ends_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_account_session_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_account_session_key_hash")),
    )
    op.create_index(op.f("ix_account_session_ends_at"), "account_session", ["ends_at"])
    op.add_column(
        "sign_in_attempt", sa.Column("both_hash", sqltypes.AutoString(length=64), nullable=False, server_default="")
    )
    op.create_index("ix_sign_in_attempt_both", "sign_in_attempt", ["both_hash", "at"])


def downgrade() -> None:
    op.drop_index("ix_sign_in_attempt_both", "sign_in_attempt")
    op.drop_column("sign_in_attempt", "both_hash")
    op.drop_table("account_session")
