"""Which wording the line under a text was made from"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("line_digest", sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    op.drop_column("message", "line_digest")
