"""What a machine translates, the models it has, and the languages that are switched on"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_STATES = "state IN ('queued', 'working', 'done', 'failed')"
_FAILURES = (
    "failure IS NULL OR failure IN ('no-model', 'timed-out', 'too-long', 'nothing-to-translate', 'same-language', "
    "'romanised', 'engine-failed')"
)
_FAULTS = "fault IS NULL OR fault IN ('missing', 'changed', 'trial', 'unreadable')"
_DUE = sa.text("state IN ('queued', 'working')")
_OF_A_WORDING = sa.text("purpose = 'wording'")


def upgrade() -> None:
    op.create_table(
        "translation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("practice_id", sa.Integer(), nullable=True),
        sa.Column("source_language", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("target_language", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("source", sqltypes.AutoString(), nullable=False),
        sa.Column("kept", sqltypes.AutoString(), nullable=True),
        sa.Column("wants_back", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("text", sqltypes.AutoString(), nullable=True),
        sa.Column("back", sqltypes.AutoString(), nullable=True),
        sa.Column("checks", sqltypes.AutoString(), nullable=True),
        sa.Column("ok", sa.Boolean(), nullable=True),
        sa.Column("model", sqltypes.AutoString(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("claim_ref", sqltypes.AutoString(length=64), nullable=True),
        sa.Column("requested_by", sa.Integer(), nullable=True),
        sa.Column("requested_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("done_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("failure", sqltypes.AutoString(), nullable=True),
        sa.Column("erased_at", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(_STATES, name=op.f("ck_translation_state")),
        sa.CheckConstraint(_FAILURES, name=op.f("ck_translation_failure")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_translation_message_id_message")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_translation_practice_id_practice")),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["user_account.id"], name=op.f("fk_translation_requested_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_translation")),
    )
    op.create_index(op.f("ix_translation_message_id"), "translation", ["message_id"])
    op.create_index("ix_translation_due", "translation", ["priority", "id"], sqlite_where=_DUE, postgresql_where=_DUE)
    op.create_index(
        "ix_translation_wording",
        "translation",
        ["source_language"],
        sqlite_where=_OF_A_WORDING,
        postgresql_where=_OF_A_WORDING,
    )
    op.create_table(
        "translation_model",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_language", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("to_language", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("version", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("sha256", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("contents", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("folder", sqltypes.AutoString(length=128), nullable=False),
        sa.Column("chrf", sa.Float(), nullable=True),
        sa.Column("token_form", sqltypes.AutoString(length=32), nullable=True),
        sa.Column("trial", sa.Boolean(), nullable=False),
        sa.Column("fault", sqltypes.AutoString(length=16), nullable=True),
        sa.Column("installed_at", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(_FAULTS, name=op.f("ck_translation_model_fault")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_translation_model")),
        sa.UniqueConstraint(
            "from_language", "to_language", name=op.f("uq_translation_model_from_language_to_language")
        ),
    )
    op.create_table(
        "language_switch",
        sa.Column("language", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user_account.id"], name=op.f("fk_language_switch_changed_by_user_account")
        ),
        sa.PrimaryKeyConstraint("language", name=op.f("pk_language_switch")),
    )


def downgrade() -> None:
    op.drop_table("language_switch")
    op.drop_table("translation_model")
    op.drop_index("ix_translation_wording", table_name="translation")
    op.drop_index("ix_translation_due", table_name="translation")
    op.drop_index(op.f("ix_translation_message_id"), table_name="translation")
    op.drop_table("translation")
