"""An audit trail that is sealed under a key, and that neither TRUNCATE nor INSERT OR REPLACE can empty"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SAME_ROW = {"audit_entry": "id = NEW.id", "audit_seal": "number = NEW.number OR entry_id = NEW.entry_id"}
# A REPLACE takes the old row away without asking the triggers on DELETE.
SQLITE_TRIGGER = """
CREATE TRIGGER {table}_keeps_REPLACE BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {same_row})
BEGIN SELECT RAISE(ABORT, 'audit rows cannot be changed'); END
"""
POSTGRESQL_TRIGGER = """
CREATE TRIGGER {table}_keeps_all BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
"""


def upgrade() -> None:
    op.add_column("audit_seal", sa.Column("key", sqltypes.AutoString(length=16), nullable=True))
    trigger = POSTGRESQL_TRIGGER if op.get_bind().dialect.name == "postgresql" else SQLITE_TRIGGER
    for table, same_row in SAME_ROW.items():
        op.execute(trigger.format(table=table, same_row=same_row))


def downgrade() -> None:
    on_table = " ON {table}" if op.get_bind().dialect.name == "postgresql" else ""
    name = "{table}_keeps_all" if on_table else "{table}_keeps_REPLACE"
    for table in SAME_ROW:
        op.execute(f"DROP TRIGGER {name}{on_table}".format(table=table))
    op.drop_column("audit_seal", "key")
