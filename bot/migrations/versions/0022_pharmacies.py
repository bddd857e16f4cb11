"""Pharmacies: keys and links, the NHS status wire, notices, webhooks, languages told"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pharmacy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("ods", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("address", sqltypes.AutoString(length=200), nullable=False),
        sa.Column("phone", sqltypes.AutoString(), nullable=False),
        sa.Column("offers", sqltypes.AutoString(length=100), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["organisation.code"], name=op.f("fk_pharmacy_code_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pharmacy")),
        sa.UniqueConstraint("code", name=op.f("uq_pharmacy_code")),
        sa.UniqueConstraint("ods", name=op.f("uq_pharmacy_ods")),
    )
    op.create_table(
        "kept_answer",
        sa.Column("pharmacy_id", sa.Integer(), nullable=False),
        sa.Column("key", sqltypes.AutoString(length=255), nullable=False),
        sa.Column("digest", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sqltypes.AutoString(), nullable=True),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["pharmacy_id"], ["pharmacy.id"], name=op.f("fk_kept_answer_pharmacy_id_pharmacy")),
        sa.PrimaryKeyConstraint("pharmacy_id", "key", name=op.f("pk_kept_answer")),
    )
    with op.batch_alter_table("kept_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_answer_made_at"), ["made_at"], unique=False)

    op.create_table(
        "pharmacy_closure",
        sa.Column("pharmacy_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pharmacy_id"], ["pharmacy.id"], name=op.f("fk_pharmacy_closure_pharmacy_id_pharmacy")
        ),
        sa.PrimaryKeyConstraint("pharmacy_id", "day", name=op.f("pk_pharmacy_closure")),
    )
    op.create_table(
        "pharmacy_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pharmacy_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.CheckConstraint("opens < closes", name=op.f("ck_pharmacy_hours_order")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_pharmacy_hours_weekday")),
        sa.ForeignKeyConstraint(["pharmacy_id"], ["pharmacy.id"], name=op.f("fk_pharmacy_hours_pharmacy_id_pharmacy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pharmacy_hours")),
        sa.UniqueConstraint(
            "pharmacy_id", "weekday", "opens", name=op.f("uq_pharmacy_hours_pharmacy_id_weekday_opens")
        ),
    )
    op.create_table(
        "pharmacy_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pharmacy_id", sa.Integer(), nullable=False),
        sa.Column("public", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("secret_hash", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("ods", sqltypes.AutoString(length=400), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("tokens_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("used_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("revoked_at", sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["pharmacy_id"], ["pharmacy.id"], name=op.f("fk_pharmacy_key_pharmacy_id_pharmacy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pharmacy_key")),
        sa.UniqueConstraint("public", name=op.f("uq_pharmacy_key_public")),
    )
    with op.batch_alter_table("pharmacy_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pharmacy_key_pharmacy_id"), ["pharmacy_id"], unique=False)

    op.create_table(
        "pharmacy_practice",
        sa.Column("pharmacy_id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("pharmacy_said_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("pharmacy_said_by", sa.Integer(), nullable=True),
        sa.Column("practice_said_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("practice_said_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pharmacy_id"], ["pharmacy.id"], name=op.f("fk_pharmacy_practice_pharmacy_id_pharmacy")
        ),
        sa.ForeignKeyConstraint(
            ["pharmacy_said_by"], ["user_account.id"], name=op.f("fk_pharmacy_practice_pharmacy_said_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_pharmacy_practice_practice_id_practice")
        ),
        sa.ForeignKeyConstraint(
            ["practice_said_by"], ["user_account.id"], name=op.f("fk_pharmacy_practice_practice_said_by_user_account")
        ),
        sa.PrimaryKeyConstraint("pharmacy_id", "practice_id", name=op.f("pk_pharmacy_practice")),
    )
    op.create_table(
        "webhook",
        sa.Column("pharmacy_id", sa.Integer(), nullable=False),
        sa.Column("url", sqltypes.AutoString(length=500), nullable=False),
        sa.Column("secrets", sa.JSON(), nullable=False),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("rotated_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_at", sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["pharmacy_id"], ["pharmacy.id"], name=op.f("fk_webhook_pharmacy_id_pharmacy")),
        sa.PrimaryKeyConstraint("pharmacy_id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "language_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pharmacy_id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("language", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("interpreter", sa.Boolean(), nullable=True),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("said_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("settled_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'confirmed', 'declined')", name=op.f("ck_language_report_state")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_language_report_patient_id_patient")),
        sa.ForeignKeyConstraint(["pharmacy_id"], ["pharmacy.id"], name=op.f("fk_language_report_pharmacy_id_pharmacy")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_language_report_practice_id_practice")),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["user_account.id"], name=op.f("fk_language_report_settled_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_language_report")),
    )
    with op.batch_alter_table("language_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_language_report_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index("ix_language_report_practice", ["practice_id", "state"], unique=False)

    op.create_table(
        "prescription_update",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pharmacy_id", sa.Integer(), nullable=True),
        sa.Column("ods", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("prescription", sqltypes.AutoString(length=40), nullable=False),
        sa.Column("task", sqltypes.AutoString(length=100), nullable=False),
        sa.Column("item", sqltypes.AutoString(length=100), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("status", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("moment", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("counts_from", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_modified", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("received_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("weighed_at", sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_prescription_update_patient_id_patient")),
        sa.ForeignKeyConstraint(
            ["pharmacy_id"], ["pharmacy.id"], name=op.f("fk_prescription_update_pharmacy_id_pharmacy")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prescription_update")),
        sa.UniqueConstraint("prescription", "task", name=op.f("uq_prescription_update_prescription_task")),
    )
    with op.batch_alter_table("prescription_update", schema=None) as batch_op:
        batch_op.create_index(
            "ix_prescription_update_ahead",
            ["counts_from"],
            unique=False,
            sqlite_where=sa.text("weighed_at IS NULL"),
            postgresql_where=sa.text("weighed_at IS NULL"),
        )
        batch_op.create_index("ix_prescription_update_item", ["prescription", "item", "moment"], unique=False)
        batch_op.create_index(
            "ix_prescription_update_person", ["patient_id", "pharmacy_id", "received_at"], unique=False
        )

    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sqltypes.AutoString(length=36), nullable=False),
        sa.Column("pharmacy_id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=True),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("kind", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("reason", sqltypes.AutoString(length=16), nullable=True),
        sa.Column("prescription", sqltypes.AutoString(length=40), nullable=True),
        sa.Column("state", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("source", sqltypes.AutoString(length=8), nullable=False),
        sa.Column("why_none", sqltypes.AutoString(length=32), nullable=True),
        sa.Column("duplicate_of", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("goes_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answer", sqltypes.AutoString(length=16), nullable=True),
        sa.Column("answered_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("collected_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("made_by", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("changed_at", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('ready', 'part-ready', 'part-on-its-way', 'on-its-way', 'problem', 'collected')",
            name=op.f("ck_notice_kind"),
        ),
        sa.CheckConstraint(
            "reason IS NULL OR reason IN ('out-of-stock', 'needs-doctor', 'cannot-read', 'please-phone')",
            name=op.f("ck_notice_reason"),
        ),
        sa.CheckConstraint("source IN ('wire', 'api', 'form', 'console')", name=op.f("ck_notice_source")),
        sa.CheckConstraint(
            "state IN ('held', 'queued', 'sent', 'delivered', 'failed', 'withdrawn', 'answered', 'not-texted')",
            name=op.f("ck_notice_state"),
        ),
        sa.ForeignKeyConstraint(["duplicate_of"], ["notice.id"], name=op.f("fk_notice_duplicate_of_notice")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_notice_message_id_message")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_notice_patient_id_patient")),
        sa.ForeignKeyConstraint(["pharmacy_id"], ["pharmacy.id"], name=op.f("fk_notice_pharmacy_id_pharmacy")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_notice_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("public", name=op.f("uq_notice_public")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notice_held",
            ["goes_at"],
            unique=False,
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )
        batch_op.create_index("ix_notice_message", ["message_id"], unique=False)
        batch_op.create_index("ix_notice_person", ["patient_id", "pharmacy_id", "created_at"], unique=False)
        batch_op.create_index("ix_notice_pharmacy", ["pharmacy_id", "created_at"], unique=False)
        batch_op.create_index(
            "ix_notice_texted",
            ["message_id"],
            unique=False,
            sqlite_where=sa.text("state IN ('queued', 'sent')"),
            postgresql_where=sa.text("state IN ('queued', 'sent')"),
        )

    op.create_table(
        "tell_pharmacy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("pharmacy_id", sa.Integer(), nullable=True),
        sa.Column("yes", sa.Boolean(), nullable=False),
        sa.Column("source", sqltypes.AutoString(length=8), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("said_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_tell_pharmacy_message_id_message")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_tell_pharmacy_patient_id_patient")),
        sa.ForeignKeyConstraint(["pharmacy_id"], ["pharmacy.id"], name=op.f("fk_tell_pharmacy_pharmacy_id_pharmacy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tell_pharmacy")),
    )
    with op.batch_alter_table("tell_pharmacy", schema=None) as batch_op:
        batch_op.create_index("ix_tell_pharmacy_person", ["patient_id", "pharmacy_id"], unique=True)

    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event", sqltypes.AutoString(length=40), nullable=False),
        sa.Column("pharmacy_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("type", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("body", sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lease_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sqltypes.AutoString(length=100), nullable=True),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'given-up')", name=op.f("ck_webhook_delivery_state")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_webhook_delivery_notice_id_notice")),
        sa.ForeignKeyConstraint(
            ["pharmacy_id"], ["pharmacy.id"], name=op.f("fk_webhook_delivery_pharmacy_id_pharmacy")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("event", name=op.f("uq_webhook_delivery_event")),
    )
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.create_index(
            "ix_webhook_delivery_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index("ix_webhook_delivery_notice", ["notice_id", "id"], unique=False)
        batch_op.create_index("ix_webhook_delivery_pharmacy", ["pharmacy_id", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_webhook_delivery_pharmacy")
        batch_op.drop_index("ix_webhook_delivery_notice")
        batch_op.drop_index(
            "ix_webhook_delivery_due",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.drop_table("webhook_delivery")
    with op.batch_alter_table("tell_pharmacy", schema=None) as batch_op:
        batch_op.drop_index("ix_tell_pharmacy_person")

    op.drop_table("tell_pharmacy")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_notice_texted",
            sqlite_where=sa.text("state IN ('queued', 'sent')"),
            postgresql_where=sa.text("state IN ('queued', 'sent')"),
        )
        batch_op.drop_index("ix_notice_pharmacy")
        batch_op.drop_index("ix_notice_person")
        batch_op.drop_index("ix_notice_message")
        batch_op.drop_index(
            "ix_notice_held", sqlite_where=sa.text("state = 'held'"), postgresql_where=sa.text("state = 'held'")
        )

    op.drop_table("notice")
    with op.batch_alter_table("prescription_update", schema=None) as batch_op:
        batch_op.drop_index("ix_prescription_update_person")
        batch_op.drop_index("ix_prescription_update_item")
        batch_op.drop_index(
            "ix_prescription_update_ahead",
            sqlite_where=sa.text("weighed_at IS NULL"),
            postgresql_where=sa.text("weighed_at IS NULL"),
        )

    op.drop_table("prescription_update")
    with op.batch_alter_table("language_report", schema=None) as batch_op:
        batch_op.drop_index("ix_language_report_practice")
        batch_op.drop_index(batch_op.f("ix_language_report_patient_id"))

    op.drop_table("language_report")
    op.drop_table("webhook")
    op.drop_table("pharmacy_practice")
    with op.batch_alter_table("pharmacy_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pharmacy_key_pharmacy_id"))

    op.drop_table("pharmacy_key")
    op.drop_table("pharmacy_hours")
    op.drop_table("pharmacy_closure")
    with op.batch_alter_table("kept_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_answer_made_at"))

    op.drop_table("kept_answer")
    op.drop_table("pharmacy")
    membership = sa.table("membership", sa.column("organisation"))
    organisation = sa.table("organisation", sa.column("code"), sa.column("kind"))
    pharmacies = sa.select(organisation.c.code).where(organisation.c.kind == "pharmacy")
    op.execute(sa.delete(membership).where(membership.c.organisation.in_(pharmacies)))
    op.execute(sa.delete(organisation).where(organisation.c.kind == "pharmacy"))
