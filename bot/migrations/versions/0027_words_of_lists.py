"""Words that readers add to the lists, or say are wrong there, and the sets that replies are read with"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('waiting', 'agreed')")


def upgrade() -> None:
    op.create_table(
        "word_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("language", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("lists", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("concept", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("entry", sqltypes.AutoString(length=400), nullable=False),
        sa.Column("change", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("why", sqltypes.AutoString(length=200), nullable=True),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("decided_why", sqltypes.AutoString(length=200), nullable=True),
        sa.CheckConstraint("change IN ('add', 'remove')", name=op.f("ck_word_proposal_change")),
        sa.CheckConstraint(
            "state IN ('waiting', 'agreed', 'turned-down', 'taken-back')", name=op.f("ck_word_proposal_state")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user_account.id"], name=op.f("fk_word_proposal_proposed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_word_proposal_decided_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word_proposal")),
    )
    op.create_index(
        "uq_word_proposal_open",
        "word_proposal",
        ["language", "lists", "concept", "entry", "change"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_word_proposal_state", "word_proposal", ["state"], unique=False)
    op.create_table(
        "word_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("after", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("state", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["word_proposal.id"], name=op.f("fk_word_edition_proposal_id_word_proposal")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_word_edition_made_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word_edition")),
        sa.UniqueConstraint("after", name=op.f("uq_word_edition_after")),
    )


def downgrade() -> None:
    op.drop_table("word_edition")
    op.drop_index("ix_word_proposal_state", table_name="word_proposal")
    op.drop_index("uq_word_proposal_open", table_name="word_proposal")
    op.drop_table("word_proposal")
