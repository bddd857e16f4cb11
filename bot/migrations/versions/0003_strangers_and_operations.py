"""Strangers and operations: a sealed audit trail, second factors, keyed opt-outs, what nobody opened in time"""

import hashlib
import json
from datetime import UTC

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PROTECTED = ("audit_entry", "audit_seal")
# A later migration that recreates one of these tables on SQLite (batch_alter_table does) must make its triggers again.
SQLITE_TRIGGER = """
CREATE TRIGGER {table}_keeps_{deed} BEFORE {deed} ON {table}
BEGIN SELECT RAISE(ABORT, 'audit rows cannot be changed'); END
"""
POSTGRESQL_FUNCTION = """
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit rows cannot be changed'; END $$
"""
POSTGRESQL_TRIGGER = """
CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()
"""


def upgrade() -> None:
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("hash", sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_seal_entry_id")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("used_at", sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_recovery_code_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    op.create_index(op.f("ix_recovery_code_user_id"), "recovery_code", ["user_id"])
    with op.batch_alter_table("inbox_item") as batch_op:
        batch_op.add_column(sa.Column("seen_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("seen_at", sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("escalated_at", sqltypes.UTCDateTime(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_inbox_item_seen_by_user_account"), "user_account", ["seen_by"], ["id"]
        )
    op.add_column("message", sa.Column("erased_at", sqltypes.UTCDateTime(), nullable=True))
    with op.batch_alter_table("opt_out") as batch_op:
        batch_op.add_column(sa.Column("phone_hash", sqltypes.AutoString(length=64), nullable=True))
        batch_op.add_column(sa.Column("hash_key", sqltypes.AutoString(length=16), nullable=True))
        batch_op.alter_column("phone", existing_type=sa.VARCHAR(), nullable=True)
        batch_op.create_index("ix_opt_out_hash", ["practice_id", "phone_hash"])
        batch_op.create_check_constraint(batch_op.f("ck_opt_out_phone"), "(phone IS NULL) <> (phone_hash IS NULL)")
    op.add_column("user_account", sa.Column("totp_secret", sqltypes.AutoString(), nullable=True))
    op.add_column("user_account", sa.Column("totp_since", sqltypes.UTCDateTime(), nullable=True))
    op.add_column("user_account", sa.Column("totp_step", sa.Integer(), nullable=True))
    _seal_what_is_there()
    _protect()


def _seal_what_is_there() -> None:
    entry = sa.table(
        "audit_entry",
        sa.column("id", sa.Integer),
        sa.column("at", sqltypes.UTCDateTime),
        sa.column("user_id", sa.Integer),
        *(sa.column(name, sa.String) for name in ("actor", "action", "subject")),
        sa.column("practice_id", sa.Integer),
        sa.column("detail", sa.JSON),
    )
    seal = sa.table("audit_seal", sa.column("number"), sa.column("entry_id"), sa.column("hash"))
    connection, chained, seals = op.get_bind(), "0" * 64, []
    for number, row in enumerate(connection.execute(sa.select(entry).order_by(entry.c.id)), 1):
        at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
        words = (chained, row.id, at, row.user_id, row.actor, row.action, row.subject, row.practice_id, row.detail)
        chained = hashlib.sha256(json.dumps(words, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
        seals.append({"number": number, "entry_id": row.id, "hash": chained})
    if seals:
        connection.execute(sa.insert(seal), seals)


def _protect() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRESQL_FUNCTION)
        for table in PROTECTED:
            op.execute(POSTGRESQL_TRIGGER.format(table=table))
        return
    for table in PROTECTED:
        for deed in ("UPDATE", "DELETE"):
            op.execute(SQLITE_TRIGGER.format(table=table, deed=deed))


def downgrade() -> None:
    _give_up_protection()
    for column in ("totp_step", "totp_since", "totp_secret"):
        op.drop_column("user_account", column)
    # The wish stays in force for whoever reads it, though the number itself is gone.
    op.execute("UPDATE opt_out SET phone = 'hash:' || phone_hash, phone_hash = NULL WHERE phone IS NULL")
    with op.batch_alter_table("opt_out") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_opt_out_phone"), type_="check")
        batch_op.drop_index("ix_opt_out_hash")
        batch_op.alter_column("phone", existing_type=sa.VARCHAR(), nullable=False)
        batch_op.drop_column("hash_key")
        batch_op.drop_column("phone_hash")
    op.drop_column("message", "erased_at")
    with op.batch_alter_table("inbox_item") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_inbox_item_seen_by_user_account"), type_="foreignkey")
        batch_op.drop_column("escalated_at")
        batch_op.drop_column("seen_at")
        batch_op.drop_column("seen_by")
    op.drop_table("recovery_code")
    op.drop_table("audit_seal")


def _give_up_protection() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in PROTECTED:
            op.execute(f"DROP TRIGGER {table}_keeps ON {table}")
        op.execute("DROP FUNCTION refuse_audit_change()")
        return
    for table in PROTECTED:
        for deed in ("UPDATE", "DELETE"):
            op.execute(f"DROP TRIGGER {table}_keeps_{deed}")
