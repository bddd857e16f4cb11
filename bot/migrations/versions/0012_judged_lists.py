"""What was found in a list that waits is kept, so that it is judged once"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FOUND = {"columns": "[]", "fields": "[]", "reach": "{}"}
# Of these nothing was kept: they are looked at again, also where a part of them is stored already.
LOOK_AGAIN = """
UPDATE list_import SET state = 'reading', busy_until = NULL WHERE state IN ('columns', 'previewed', 'storing')
"""


def upgrade() -> None:
    for name, nothing in FOUND.items():
        op.add_column("list_import", sa.Column(name, sa.JSON(), server_default=nothing, nullable=False))
    op.add_column("list_import", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "list_part",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("part", sqltypes.AutoString(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["list_import.id"], name=op.f("fk_list_part_list_id_list_import")),
        sa.PrimaryKeyConstraint("list_id", "part", "number", name=op.f("pk_list_part")),
    )
    op.execute(LOOK_AGAIN)


def downgrade() -> None:
    op.drop_table("list_part")
    for name in ("tries", *FOUND):
        op.drop_column("list_import", name)
