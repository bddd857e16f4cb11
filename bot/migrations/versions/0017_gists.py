"""Who says that a gist is wrong, and which texts a referral's words are"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gist_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("translation_id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("language", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("model", sqltypes.AutoString(), nullable=True),
        sa.Column("reported_by", sa.Integer(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_gist_report_practice_id_practice")),
        sa.ForeignKeyConstraint(
            ["reported_by"], ["user_account.id"], name=op.f("fk_gist_report_reported_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["translation_id"], ["translation.id"], name=op.f("fk_gist_report_translation_id_translation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gist_report")),
        sa.UniqueConstraint("translation_id", "reported_by", name=op.f("uq_gist_report_translation_id_reported_by")),
    )
    op.create_index(op.f("ix_gist_report_translation_id"), "gist_report", ["translation_id"])
    op.create_table(
        "referral_text",
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_referral_text_message_id_message")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_referral_text_referral_id_referral")),
        sa.PrimaryKeyConstraint("referral_id", "message_id", name=op.f("pk_referral_text")),
    )


def downgrade() -> None:
    op.drop_table("referral_text")
    op.drop_index(op.f("ix_gist_report_translation_id"), table_name="gist_report")
    op.drop_table("gist_report")
