"""Deprivation and ethnic category: two optional columns of a list, and what was noticed about a whole list"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No batch here: on SQLite it makes the table anew, which other tables refer to.
    decile = sa.CheckConstraint("imd_decile BETWEEN 1 AND 10", name=op.f("ck_patient_imd_decile"))
    op.add_column("patient", sa.Column("imd_decile", sa.Integer(), decile, nullable=True))
    op.add_column("patient", sa.Column("ethnic_category", sqltypes.AutoString(length=100), nullable=True))
    op.add_column(
        "list_import", sa.Column("keep_ethnic_category", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("list_import", sa.Column("notes", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("list_import", "notes")
    op.drop_column("list_import", "keep_ethnic_category")
    op.drop_column("patient", "ethnic_category")
    op.drop_column("patient", "imd_decile")
