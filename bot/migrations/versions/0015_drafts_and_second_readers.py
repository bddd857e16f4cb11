"""Drafts and rejections of wordings are rows, and an approval says how many people have to approve"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

IN_FORCE = "uq_wording_approval_in_force"
WITHDRAWN_BY = "fk_wording_approval_withdrawn_by_user_account"
WORDS = ("text_key", "language", "digest")
# The version before takes one approval for enough and has one row for each wording: what waits for a second person
# is taken back, and of two people the first stands.
TAKE_BACK = """
UPDATE wording_approval SET withdrawn_at = approved_at
WHERE withdrawn_at IS NULL AND (
  (text_key, language, digest) IN (
    SELECT text_key, language, digest FROM wording_approval WHERE withdrawn_at IS NULL
    GROUP BY text_key, language, digest HAVING COUNT(*) < MIN(needed)
  ) OR id NOT IN (
    SELECT MIN(id) FROM wording_approval WHERE withdrawn_at IS NULL GROUP BY text_key, language, digest
  )
)
"""


def upgrade() -> None:
    op.create_table(
        "wording_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text_key", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("language", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("body", sqltypes.AutoString(), nullable=False),
        sa.Column("source_hash", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("origin", sqltypes.AutoString(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("origin IN ('edit', 'import')", name=op.f("ck_wording_draft_origin")),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_wording_draft_made_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording_draft")),
    )
    op.create_index("ix_wording_draft_text", "wording_draft", ["text_key", "language", "id"])
    op.create_table(
        "wording_rejection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text_key", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("language", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("digest", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("why", sqltypes.AutoString(length=200), nullable=False),
        sa.Column("rejected_by", sa.Integer(), nullable=False),
        sa.Column("rejected_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["wording_draft.id"], name=op.f("fk_wording_rejection_draft_id_wording_draft")
        ),
        sa.ForeignKeyConstraint(
            ["rejected_by"], ["user_account.id"], name=op.f("fk_wording_rejection_rejected_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording_rejection")),
    )
    op.create_index("ix_wording_rejection_text", "wording_rejection", ["text_key", "language"])
    op.drop_index(IN_FORCE, table_name="wording_approval")
    with op.batch_alter_table("wording_approval") as table:
        table.add_column(sa.Column("source", sqltypes.AutoString(), nullable=True))
        table.add_column(sa.Column("needed", sa.Integer(), server_default=sa.text("1"), nullable=False))
        table.add_column(sa.Column("withdrawn_by", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f(WITHDRAWN_BY), "user_account", ["withdrawn_by"], ["id"])
        table.create_check_constraint(op.f("ck_wording_approval_needed"), "needed BETWEEN 1 AND 2")
    _index_in_force((*WORDS, "approved_by"))


def downgrade() -> None:
    op.execute(TAKE_BACK)
    op.drop_index(IN_FORCE, table_name="wording_approval")
    with op.batch_alter_table("wording_approval") as table:
        table.drop_constraint(op.f("ck_wording_approval_needed"), type_="check")
        table.drop_constraint(op.f(WITHDRAWN_BY), type_="foreignkey")
        table.drop_column("withdrawn_by")
        table.drop_column("needed")
        table.drop_column("source")
    _index_in_force(WORDS)
    op.drop_table("wording_rejection")
    op.drop_table("wording_draft")


def _index_in_force(columns: tuple[str, ...]) -> None:
    valid = sa.text("withdrawn_at IS NULL")
    op.create_index(
        IN_FORCE, "wording_approval", list(columns), unique=True, sqlite_where=valid, postgresql_where=valid
    )
