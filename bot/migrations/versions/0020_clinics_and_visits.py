"""Sites, clinics, slots, visits, offers, and the one lock on anybody's time"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_KINDS_BEFORE = "kind IN ('emergency', 'receipt', 'answer', 'question', 'notice', 'reminder', 'outreach', 'inbound')"
_KINDS = "kind IN ('emergency', 'receipt', 'answer', 'question', 'notice', 'reminder', 'alert', 'outreach', 'inbound')"


def upgrade() -> None:
    op.create_table(
        "wrong_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_wrong_code_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_code")),
    )
    op.create_index("ix_wrong_code_user", "wrong_code", ["user_id", "at"], unique=False)
    op.create_table(
        "appointment_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sqltypes.AutoString(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("confirmation", sa.Boolean(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("stored_at", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'stored', 'discarded')", name=op.f("ck_appointment_report_state")),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_appointment_report_practice_id_practice")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_appointment_report_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_report")),
    )
    op.create_index(op.f("ix_appointment_report_practice_id"), "appointment_report", ["practice_id"], unique=False)
    op.create_table(
        "clinician",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("name", sqltypes.AutoString(length=100), nullable=False),
        sa.Column("sex", sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint("sex IN ('F', 'M', 'X', 'U')", name=op.f("ck_clinician_sex")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_clinician_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinician")),
        sa.UniqueConstraint("code", name=op.f("uq_clinician_code")),
    )
    op.create_index(op.f("ix_clinician_practice_id"), "clinician", ["practice_id"], unique=False)
    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("name", sqltypes.AutoString(length=100), nullable=False),
        sa.Column("address", sqltypes.AutoString(length=200), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_site_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
    )
    op.create_index(op.f("ix_site_practice_id"), "site", ["practice_id"], unique=False)
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("interpreter_id", sa.Integer(), nullable=True),
        sa.Column("clinician_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("revoked_at", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("(interpreter_id IS NULL) <> (clinician_id IS NULL)", name=op.f("ck_calendar_feed_whose")),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["clinician.id"], name=op.f("fk_calendar_feed_clinician_id_clinician")
        ),
        sa.ForeignKeyConstraint(
            ["interpreter_id"], ["interpreter.id"], name=op.f("fk_calendar_feed_interpreter_id_interpreter")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    op.create_index("ix_calendar_feed_clinician", "calendar_feed", ["clinician_id"], unique=False)
    op.create_index("ix_calendar_feed_interpreter", "calendar_feed", ["interpreter_id"], unique=False)
    op.create_table(
        "clinic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sqltypes.AutoString(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("women_only", sa.Boolean(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("held_all", sa.Boolean(), nullable=False),
        sa.Column("held_first", sa.Integer(), nullable=False),
        sa.Column("held_language", sqltypes.AutoString(length=16), nullable=True),
        sa.Column("release_days", sa.Integer(), nullable=False),
        sa.Column("notice_hours", sa.Integer(), nullable=False),
        sa.Column("bank_holidays", sa.Boolean(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("purpose IN ('general', 'cervical', 'youth', 'event')", name=op.f("ck_clinic_purpose")),
        sa.CheckConstraint("places IS NULL OR places > 0", name=op.f("ck_clinic_places")),
        sa.CheckConstraint("slot_minutes > 0 AND slot_minutes % 5 = 0", name=op.f("ck_clinic_slot_minutes")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_clinic_practice_id_practice")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_clinic_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic")),
        sa.UniqueConstraint("code", name=op.f("uq_clinic_code")),
    )
    op.create_index(op.f("ix_clinic_practice_id"), "clinic", ["practice_id"], unique=False)
    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_closure_order")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_closure_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_index(op.f("ix_closure_site_id"), "closure", ["site_id"], unique=False)
    op.create_table(
        "proof",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("person_code", sqltypes.AutoString(length=8), nullable=False),
        sa.Column("number_hash", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("texted", sa.Boolean(), nullable=False),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("proven_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("idempotency_key", sqltypes.AutoString(length=100), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_proof_patient_id_patient")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_proof_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof")),
        sa.UniqueConstraint("user_id", "idempotency_key", name=op.f("uq_proof_user_id_idempotency_key")),
    )
    op.create_index("ix_proof_patient", "proof", ["patient_id", "made_at"], unique=False)
    op.create_index("ix_proof_user", "proof", ["user_id", "made_at"], unique=False)
    op.create_table(
        "site_travel",
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_site_travel_minutes")),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_site_travel_order")),
        sa.ForeignKeyConstraint(["one_id"], ["site.id"], name=op.f("fk_site_travel_one_id_site")),
        sa.ForeignKeyConstraint(["other_id"], ["site.id"], name=op.f("fk_site_travel_other_id_site")),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_site_travel")),
    )
    op.create_table(
        "clinic_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("clinician_id", sa.Integer(), nullable=True),
        sa.Column("days", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("ended_at", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("every >= 1", name=op.f("ck_clinic_session_every")),
        sa.CheckConstraint("opens < closes", name=op.f("ck_clinic_session_order")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_clinic_session_clinic_id_clinic")),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["clinician.id"], name=op.f("fk_clinic_session_clinician_id_clinician")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic_session")),
    )
    op.create_index(op.f("ix_clinic_session_clinic_id"), "clinic_session", ["clinic_id"], unique=False)
    op.create_index(op.f("ix_clinic_session_clinician_id"), "clinic_session", ["clinician_id"], unique=False)
    op.create_table(
        "clinician_away",
        sa.Column("clinician_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("why", sqltypes.AutoString(length=200), nullable=False),
        sa.Column("said_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["clinician.id"], name=op.f("fk_clinician_away_clinician_id_clinician")
        ),
        sa.PrimaryKeyConstraint("clinician_id", "day", name=op.f("pk_clinician_away")),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sqltypes.AutoString(length=8), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("phone", sqltypes.AutoString(), nullable=True),
        sa.Column("clinic_id", sa.Integer(), nullable=True),
        sa.Column("clinician_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("starts", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("kind", sqltypes.AutoString(), nullable=False),
        sa.Column("mode", sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("given_up_by", sqltypes.AutoString(), nullable=True),
        sa.Column("given_up_why", sqltypes.AutoString(length=200), nullable=True),
        sa.Column("given_up_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("language", sqltypes.AutoString(length=16), nullable=True),
        sa.Column("clinician_sex", sqltypes.AutoString(length=1), nullable=True),
        sa.Column("interpreter_sex", sqltypes.AutoString(length=1), nullable=True),
        sa.Column("longer", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("interpreter_id", sa.Integer(), nullable=True),
        sa.Column("interpreter_mode", sqltypes.AutoString(), nullable=True),
        sa.Column("interpreter_state", sqltypes.AutoString(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("moved_from", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("to_move_since", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("external_ref", sqltypes.AutoString(length=100), nullable=True),
        sa.Column("idempotency_key", sqltypes.AutoString(length=100), nullable=True),
        sa.Column("made_by", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("changed_at", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "given_up_by IS NULL OR given_up_by IN ('person', 'practice')", name=op.f("ck_visit_given_up_by")
        ),
        sa.CheckConstraint(
            "interpreter_mode IS NULL OR interpreter_mode IN ('in-person', 'telephone', 'video')",
            name=op.f("ck_visit_interpreter_mode"),
        ),
        sa.CheckConstraint(
            "interpreter_state IN ('not-needed', 'booked', 'seeking', 'failed')",
            name=op.f("ck_visit_interpreter_state"),
        ),
        sa.CheckConstraint("kind IN ('ours', 'external')", name=op.f("ck_visit_kind")),
        sa.CheckConstraint("mode IN ('in-person', 'telephone', 'video')", name=op.f("ck_visit_mode")),
        sa.CheckConstraint(
            "state IN ('booked', 'arrived', 'attended', 'did-not-attend', 'cancelled')", name=op.f("ck_visit_state")
        ),
        sa.CheckConstraint("patient_id IS NOT NULL OR phone IS NOT NULL", name=op.f("ck_visit_whose")),
        sa.CheckConstraint("starts < ends", name=op.f("ck_visit_order")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_visit_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_visit_clinic_id_clinic")),
        sa.ForeignKeyConstraint(["clinician_id"], ["clinician.id"], name=op.f("fk_visit_clinician_id_clinician")),
        sa.ForeignKeyConstraint(
            ["interpreter_id"], ["interpreter.id"], name=op.f("fk_visit_interpreter_id_interpreter")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_visit_patient_id_patient")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_visit_practice_id_practice")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_visit_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("code", name=op.f("uq_visit_code")),
        sa.UniqueConstraint("practice_id", "external_ref", name=op.f("uq_visit_practice_id_external_ref")),
        sa.UniqueConstraint("practice_id", "idempotency_key", name=op.f("uq_visit_practice_id_idempotency_key")),
    )
    op.create_index("ix_visit_clinician", "visit", ["clinician_id", "starts"], unique=False)
    op.create_index("ix_visit_interpreter", "visit", ["interpreter_id", "starts"], unique=False)
    op.create_index("ix_visit_patient", "visit", ["patient_id", "starts"], unique=False)
    op.create_index("ix_visit_practice", "visit", ["practice_id", "starts"], unique=False)
    op.create_index(
        "ix_visit_seeking",
        "visit",
        ["starts"],
        unique=False,
        sqlite_where=sa.text("interpreter_state IN ('seeking', 'failed')"),
        postgresql_where=sa.text("interpreter_state IN ('seeking', 'failed')"),
    )
    op.create_table(
        "interpreter_ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("interpreter_id", sa.Integer(), nullable=False),
        sa.Column("mode", sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("asked_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lapses_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("answered_at", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("mode IN ('in-person', 'telephone', 'video')", name=op.f("ck_interpreter_ask_mode")),
        sa.CheckConstraint(
            "state IN ('asked', 'accepted', 'declined', 'lapsed', 'withdrawn')", name=op.f("ck_interpreter_ask_state")
        ),
        sa.ForeignKeyConstraint(
            ["interpreter_id"], ["interpreter.id"], name=op.f("fk_interpreter_ask_interpreter_id_interpreter")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_interpreter_ask_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interpreter_ask")),
        sa.UniqueConstraint(
            "visit_id", "interpreter_id", "mode", name=op.f("uq_interpreter_ask_visit_id_interpreter_id_mode")
        ),
    )
    op.create_index("ix_interpreter_ask_interpreter", "interpreter_ask", ["interpreter_id", "state"], unique=False)
    op.create_table(
        "interpreter_given_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("interpreter_id", sa.Integer(), nullable=False),
        sa.Column("starts", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("by", sqltypes.AutoString(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["interpreter_id"], ["interpreter.id"], name=op.f("fk_interpreter_given_up_interpreter_id_interpreter")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_interpreter_given_up_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interpreter_given_up")),
    )
    op.create_index(
        op.f("ix_interpreter_given_up_interpreter_id"), "interpreter_given_up", ["interpreter_id"], unique=False
    )
    op.create_index(op.f("ix_interpreter_given_up_visit_id"), "interpreter_given_up", ["visit_id"], unique=False)
    op.create_table(
        "own_system_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("what", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("done_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("what IN ('enter', 'take-out', 'missing', 'unclear')", name=op.f("ck_own_system_task_what")),
        sa.ForeignKeyConstraint(["done_by"], ["user_account.id"], name=op.f("fk_own_system_task_done_by_user_account")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_own_system_task_practice_id_practice")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_own_system_task_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_system_task")),
    )
    op.create_index("ix_own_system_task_practice", "own_system_task", ["practice_id", "done_at"], unique=False)
    op.create_index(op.f("ix_own_system_task_visit_id"), "own_system_task", ["visit_id"], unique=False)
    op.create_table(
        "reported_visit",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("clinic", sqltypes.AutoString(length=100), nullable=False),
        sa.Column("clinician", sqltypes.AutoString(length=100), nullable=False),
        sa.Column("site", sqltypes.AutoString(length=100), nullable=False),
        sa.Column("to_tell", sqltypes.AutoString(length=8), nullable=True),
        sa.CheckConstraint(
            "to_tell IS NULL OR to_tell IN ('booked', 'moved', 'off')", name=op.f("ck_reported_visit_to_tell")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["appointment_report.id"], name=op.f("fk_reported_visit_report_id_appointment_report")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_reported_visit_visit_id_visit")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_reported_visit")),
    )
    op.create_index(op.f("ix_reported_visit_report_id"), "reported_visit", ["report_id"], unique=False)
    op.create_index(
        "ix_reported_visit_to_tell",
        "reported_visit",
        ["visit_id"],
        unique=False,
        sqlite_where=sa.text("to_tell IS NOT NULL"),
        postgresql_where=sa.text("to_tell IS NOT NULL"),
    )
    op.create_table(
        "slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("clinician_id", sa.Integer(), nullable=True),
        sa.Column("starts", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("first_cell", sa.Integer(), nullable=False),
        sa.Column("end_cell", sa.Integer(), nullable=False),
        sa.Column("kind", sqltypes.AutoString(), nullable=False),
        sa.Column("language", sqltypes.AutoString(length=16), nullable=True),
        sa.Column("released_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("withdrawn_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("withdrawn_why", sqltypes.AutoString(length=200), nullable=True),
        sa.Column("external_ref", sqltypes.AutoString(length=100), nullable=True),
        sa.CheckConstraint("kind IN ('open', 'held')", name=op.f("ck_slot_kind")),
        sa.CheckConstraint("starts < ends", name=op.f("ck_slot_order")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_slot_clinic_id_clinic")),
        sa.ForeignKeyConstraint(["clinician_id"], ["clinician.id"], name=op.f("fk_slot_clinician_id_clinician")),
        sa.ForeignKeyConstraint(["session_id"], ["clinic_session.id"], name=op.f("fk_slot_session_id_clinic_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("clinic_id", "external_ref", name=op.f("uq_slot_clinic_id_external_ref")),
    )
    op.create_index("ix_slot_clinic", "slot", ["clinic_id", "starts"], unique=False)
    op.create_index("ix_slot_session", "slot", ["session_id", "starts"], unique=False)
    op.create_index(
        "uq_slot_clinician_starts",
        "slot",
        ["clinician_id", "starts"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index(
        "uq_slot_event",
        "slot",
        ["clinic_id", "starts"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL AND clinician_id IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL AND clinician_id IS NULL"),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("clinician_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("starts", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("language", sqltypes.AutoString(length=16), nullable=True),
        sa.Column("clinician_sex", sqltypes.AutoString(length=1), nullable=True),
        sa.Column("interpreter_sex", sqltypes.AutoString(length=1), nullable=True),
        sa.Column("longer", sa.Boolean(), nullable=False),
        sa.Column("interpreter_id", sa.Integer(), nullable=True),
        sa.Column("moves_visit_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("held_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("until", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('held', 'soft', 'taken', 'gone', 'expired')", name=op.f("ck_offer_state")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_offer_clinic_id_clinic")),
        sa.ForeignKeyConstraint(["clinician_id"], ["clinician.id"], name=op.f("fk_offer_clinician_id_clinician")),
        sa.ForeignKeyConstraint(
            ["interpreter_id"], ["interpreter.id"], name=op.f("fk_offer_interpreter_id_interpreter")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_offer_message_id_message")),
        sa.ForeignKeyConstraint(["moves_visit_id"], ["visit.id"], name=op.f("fk_offer_moves_visit_id_visit")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_offer_patient_id_patient")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_offer_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    op.create_index("ix_offer_clinic", "offer", ["clinic_id", "state"], unique=False)
    op.create_index(op.f("ix_offer_message_id"), "offer", ["message_id"], unique=False)
    op.create_index("ix_offer_patient", "offer", ["patient_id", "state"], unique=False)
    op.create_table(
        "claimed_time",
        sa.Column("kind", sqltypes.AutoString(length=16), nullable=False),
        sa.Column("whose", sa.Integer(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("offer_id", sa.Integer(), nullable=True),
        sa.Column("held_until", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('clinician', 'interpreter', 'patient', 'place')", name=op.f("ck_claimed_time_kind")
        ),
        sa.CheckConstraint("(offer_id IS NULL) = (held_until IS NULL)", name=op.f("ck_claimed_time_held_until")),
        sa.CheckConstraint("(visit_id IS NULL) <> (offer_id IS NULL)", name=op.f("ck_claimed_time_one_reason")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_claimed_time_offer_id_offer")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_claimed_time_visit_id_visit")),
        sa.PrimaryKeyConstraint("kind", "whose", "cell", name=op.f("pk_claimed_time")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_claimed_time_offer", "claimed_time", ["offer_id"], unique=False)
    op.create_index("ix_claimed_time_visit", "claimed_time", ["visit_id"], unique=False)
    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column("subject_sequence", sa.Integer(), nullable=True))
        batch_op.drop_constraint(batch_op.f("ck_message_kind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_message_kind"), _KINDS)
    with op.batch_alter_table("inbox_item") as batch_op:
        batch_op.add_column(sa.Column("subject_kind", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("subject_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("inbox_item") as batch_op:
        batch_op.drop_column("subject_id")
        batch_op.drop_column("subject_kind")
    op.execute("UPDATE message SET kind = 'notice' WHERE kind = 'alert'")
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_column("subject_sequence")
        batch_op.drop_constraint(batch_op.f("ck_message_kind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_message_kind"), _KINDS_BEFORE)
    op.drop_index("ix_claimed_time_visit", table_name="claimed_time")
    op.drop_index("ix_claimed_time_offer", table_name="claimed_time")
    op.drop_table("claimed_time")
    op.drop_index("ix_offer_patient", table_name="offer")
    op.drop_index(op.f("ix_offer_message_id"), table_name="offer")
    op.drop_index("ix_offer_clinic", table_name="offer")
    op.drop_table("offer")
    op.drop_index(
        "uq_slot_event",
        table_name="slot",
        sqlite_where=sa.text("withdrawn_at IS NULL AND clinician_id IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL AND clinician_id IS NULL"),
    )
    op.drop_index(
        "uq_slot_clinician_starts",
        table_name="slot",
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.drop_index("ix_slot_session", table_name="slot")
    op.drop_index("ix_slot_clinic", table_name="slot")
    op.drop_table("slot")
    op.drop_index(
        "ix_reported_visit_to_tell",
        table_name="reported_visit",
        sqlite_where=sa.text("to_tell IS NOT NULL"),
        postgresql_where=sa.text("to_tell IS NOT NULL"),
    )
    op.drop_index(op.f("ix_reported_visit_report_id"), table_name="reported_visit")
    op.drop_table("reported_visit")
    op.drop_index(op.f("ix_own_system_task_visit_id"), table_name="own_system_task")
    op.drop_index("ix_own_system_task_practice", table_name="own_system_task")
    op.drop_table("own_system_task")
    op.drop_index(op.f("ix_interpreter_given_up_visit_id"), table_name="interpreter_given_up")
    op.drop_index(op.f("ix_interpreter_given_up_interpreter_id"), table_name="interpreter_given_up")
    op.drop_table("interpreter_given_up")
    op.drop_index("ix_interpreter_ask_interpreter", table_name="interpreter_ask")
    op.drop_table("interpreter_ask")
    op.drop_index(
        "ix_visit_seeking",
        table_name="visit",
        sqlite_where=sa.text("interpreter_state IN ('seeking', 'failed')"),
        postgresql_where=sa.text("interpreter_state IN ('seeking', 'failed')"),
    )
    op.drop_index("ix_visit_practice", table_name="visit")
    op.drop_index("ix_visit_patient", table_name="visit")
    op.drop_index("ix_visit_interpreter", table_name="visit")
    op.drop_index("ix_visit_clinician", table_name="visit")
    op.drop_table("visit")
    op.drop_index(op.f("ix_clinic_session_clinician_id"), table_name="clinic_session")
    op.drop_index(op.f("ix_clinic_session_clinic_id"), table_name="clinic_session")
    op.drop_table("clinic_session")
    op.drop_table("site_travel")
    op.drop_index("ix_proof_user", table_name="proof")
    op.drop_index("ix_proof_patient", table_name="proof")
    op.drop_table("proof")
    op.drop_index(op.f("ix_closure_site_id"), table_name="closure")
    op.drop_table("closure")
    op.drop_index(op.f("ix_clinic_practice_id"), table_name="clinic")
    op.drop_table("clinic")
    op.drop_index("ix_calendar_feed_interpreter", table_name="calendar_feed")
    op.drop_index("ix_calendar_feed_clinician", table_name="calendar_feed")
    op.drop_table("calendar_feed")
    op.drop_index(op.f("ix_site_practice_id"), table_name="site")
    op.drop_table("site")
    op.drop_index(op.f("ix_clinician_practice_id"), table_name="clinician")
    op.drop_table("clinician_away")
    op.drop_table("clinician")
    op.drop_index(op.f("ix_appointment_report_practice_id"), table_name="appointment_report")
    op.drop_table("appointment_report")
    op.drop_index("ix_wrong_code_user", table_name="wrong_code")
    op.drop_table("wrong_code")
