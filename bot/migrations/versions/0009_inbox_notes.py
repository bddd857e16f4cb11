"""The inbox: notes about an item, and the colleague it was handed to"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_PEOPLE = ("handed_to", "handed_by")


def upgrade() -> None:
    op.create_table(
        "inbox_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("words", sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("erased_at", sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["inbox_item.id"], name=op.f("fk_inbox_note_item_id_inbox_item")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_inbox_note_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_note")),
    )
    op.create_index(op.f("ix_inbox_note_item_id"), "inbox_note", ["item_id"])
    with op.batch_alter_table("inbox_item") as batch_op:
        for name in _PEOPLE:
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=True))
            batch_op.create_foreign_key(
                batch_op.f(f"fk_inbox_item_{name}_user_account"), "user_account", [name], ["id"]
            )
        batch_op.add_column(sa.Column("handed_at", sqltypes.UTCDateTime(), nullable=True))
    op.create_index("ix_inbox_item_patient", "inbox_item", ["patient_id"])
    op.create_index("ix_inbox_item_message", "inbox_item", ["message_id"])


def downgrade() -> None:
    op.drop_index("ix_inbox_item_message", "inbox_item")
    op.drop_index("ix_inbox_item_patient", "inbox_item")
    with op.batch_alter_table("inbox_item") as batch_op:
        batch_op.drop_column("handed_at")
        for name in _PEOPLE:
            batch_op.drop_constraint(batch_op.f(f"fk_inbox_item_{name}_user_account"), type_="foreignkey")
            batch_op.drop_column(name)
    op.drop_table("inbox_note")
