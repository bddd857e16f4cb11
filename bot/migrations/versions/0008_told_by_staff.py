"""What staff are told of a person: a death that outlives lists, and a wish of the person alone"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

EITHER = "(phone IS NULL) <> (phone_hash IS NULL)"
NOT_BOTH = "phone IS NULL OR phone_hash IS NULL"
SOMEBODYS = "COALESCE(phone, phone_hash) IS NOT NULL OR patient_id IS NOT NULL"


def upgrade() -> None:
    op.add_column("patient", sa.Column("death_source", sqltypes.AutoString(), server_default="list", nullable=False))
    with op.batch_alter_table("opt_out") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_opt_out_phone"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_opt_out_phone"), NOT_BOTH)
        batch_op.create_check_constraint(batch_op.f("ck_opt_out_whose"), SOMEBODYS)
    op.execute("UPDATE opt_out SET phone = NULL WHERE phone LIKE 'person:%'")


def downgrade() -> None:
    # The wish stays in force for the person, though no number goes with it.
    op.execute(
        "UPDATE opt_out SET phone = 'person:' || CAST(patient_id AS VARCHAR) WHERE phone IS NULL AND phone_hash IS NULL"
    )
    with op.batch_alter_table("opt_out") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_opt_out_whose"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_opt_out_phone"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_opt_out_phone"), EITHER)
    op.drop_column("patient", "death_source")
