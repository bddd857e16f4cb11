"""Public pages of campaigns, and what they have shown"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("counted_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_count_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_count")),
    )
    with op.batch_alter_table("campaign_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_count_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "campaign_page",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("code", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("count_id", sa.Integer(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("published_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_page_campaign_id_campaign")),
        sa.ForeignKeyConstraint(
            ["count_id"], ["campaign_count.id"], name=op.f("fk_campaign_page_count_id_campaign_count")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["user_account.id"], name=op.f("fk_campaign_page_published_by_user_account")
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaign_page")),
        sa.UniqueConstraint("code", name=op.f("uq_campaign_page_code")),
    )


def downgrade() -> None:
    op.drop_table("campaign_page")
    with op.batch_alter_table("campaign_count", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_count_campaign_id"))

    op.drop_table("campaign_count")
