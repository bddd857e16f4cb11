"""Texts in a colleague's own words go with a release, where a practice has switched them on"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("practice", sa.Column("free_text", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table(
        "free_text_request",
        sa.Column("translation_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["inbox_item.id"], name=op.f("fk_free_text_request_item_id_inbox_item")),
        sa.ForeignKeyConstraint(
            ["translation_id"], ["translation.id"], name=op.f("fk_free_text_request_translation_id_translation")
        ),
        sa.PrimaryKeyConstraint("translation_id", name=op.f("pk_free_text_request")),
    )
    op.create_index(op.f("ix_free_text_request_item_id"), "free_text_request", ["item_id"])
    op.create_table(
        "free_text_release",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("released_by", sa.Integer(), nullable=False),
        sa.Column("digest", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("checks", sqltypes.AutoString(), nullable=False),
        sa.Column("back_seen", sa.Boolean(), nullable=False),
        sa.Column("model", sqltypes.AutoString(), nullable=True),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("back_seen", name=op.f("ck_free_text_release_back_seen")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_free_text_release_message_id_message")),
        sa.ForeignKeyConstraint(
            ["released_by"], ["user_account.id"], name=op.f("fk_free_text_release_released_by_user_account")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_free_text_release")),
    )


def downgrade() -> None:
    op.drop_table("free_text_release")
    op.drop_index(op.f("ix_free_text_request_item_id"), table_name="free_text_request")
    op.drop_table("free_text_request")
    op.drop_column("practice", "free_text")
