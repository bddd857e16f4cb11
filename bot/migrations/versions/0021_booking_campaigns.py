"""Screening and youth campaigns that end in visits, people who wait for a time, plans, posters"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_NEW_QUESTIONS = ("waiting-offer", "talk")
_KEPT_OF_CAMPAIGNS = ("campaign_left_out", "campaign_exclusion", "campaign_member", "batch")


def upgrade() -> None:
    op.create_table(
        "visit_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("placed", sa.Integer(), nullable=False),
        sa.Column("first_come", sa.Integer(), nullable=False),
        sa.Column("travel_minutes", sa.Integer(), nullable=False),
        sa.Column("night", sa.Date(), nullable=True),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_plan")),
        sa.UniqueConstraint("night", name=op.f("uq_visit_plan_night")),
    )
    op.create_table(
        "cervical_screening",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("status", sqltypes.AutoString(), nullable=True),
        sa.Column("deferred_until", sa.Date(), nullable=True),
        sa.Column("declined_on", sa.Date(), nullable=True),
        sa.Column("listed_at", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IS NULL OR status IN ('due', 'overdue', 'not-due', 'ceased', 'deferred')",
            name=op.f("ck_cervical_screening_status"),
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_cervical_screening_patient_id_patient")),
        sa.PrimaryKeyConstraint("patient_id", name=op.f("pk_cervical_screening")),
    )
    op.create_table(
        "booking_campaign",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("neutral", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_booking_campaign_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_booking_campaign_clinic_id_clinic")),
        sa.ForeignKeyConstraint(["event_id"], ["clinic.id"], name=op.f("fk_booking_campaign_event_id_clinic")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_booking_campaign")),
    )
    with op.batch_alter_table("booking_campaign", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_campaign_clinic_id"), ["clinic_id"], unique=False)

    op.create_table(
        "poster",
        sa.Column("code", sqltypes.AutoString(length=8), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_poster_clinic_id_clinic")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_poster_practice_id_practice")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_poster")),
    )
    with op.batch_alter_table("poster", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_poster_clinic_id"), ["clinic_id"], unique=False)

    op.create_table(
        "poster_start",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("poster_code", sqltypes.AutoString(length=8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=False),
        sa.Column("phone", sqltypes.AutoString(), nullable=False),
        sa.Column("stage", sqltypes.AutoString(), nullable=False),
        sa.Column("may_be_id", sa.Integer(), nullable=True),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("answered_at", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "stage IN ('own-phone', 'birthday', 'booked', 'gone', 'not-theirs', 'ended')",
            name=op.f("ck_poster_start_stage"),
        ),
        sa.ForeignKeyConstraint(["may_be_id"], ["patient.id"], name=op.f("fk_poster_start_may_be_id_patient")),
        sa.ForeignKeyConstraint(["poster_code"], ["poster.code"], name=op.f("fk_poster_start_poster_code_poster")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_poster_start_practice_id_practice")),
        sa.ForeignKeyConstraint(["sender_id"], ["sender.id"], name=op.f("fk_poster_start_sender_id_sender")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_poster_start_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poster_start")),
    )
    with op.batch_alter_table("poster_start", schema=None) as batch_op:
        batch_op.create_index("ix_poster_start_phone", ["phone", "sender_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_poster_start_poster_code"), ["poster_code"], unique=False)

    op.create_table(
        "poster_time",
        sa.Column("poster_code", sqltypes.AutoString(length=8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["poster_code"], ["poster.code"], name=op.f("fk_poster_time_poster_code_poster")),
        sa.PrimaryKeyConstraint("poster_code", "number", name=op.f("pk_poster_time")),
    )
    op.create_table(
        "waiting_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("clinician_sex", sqltypes.AutoString(length=1), nullable=True),
        sa.Column("interpreter_sex", sqltypes.AutoString(length=1), nullable=True),
        sa.Column("longer", sa.Boolean(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("since", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("ended_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("made_by", sqltypes.AutoString(length=64), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'asked', 'booked', 'left')", name=op.f("ck_waiting_request_state")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_waiting_request_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_waiting_request_clinic_id_clinic")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_waiting_request_patient_id_patient")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_waiting_request_practice_id_practice")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_waiting_request_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_request")),
    )
    with op.batch_alter_table("waiting_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_waiting_request_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index("ix_waiting_request_clinic", ["clinic_id", "state", "since"], unique=False)
        batch_op.create_index("ix_waiting_request_practice", ["practice_id", "state", "since"], unique=False)
        batch_op.create_index(
            "uq_waiting_request_patient",
            ["patient_id", "clinic_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'asked')"),
            postgresql_where=sa.text("state IN ('waiting', 'asked')"),
        )

    op.create_table(
        "visit_plan_line",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("starts", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ends", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("clinician_id", sa.Integer(), nullable=True),
        sa.Column("interpreter_id", sa.Integer(), nullable=True),
        sa.Column("why", sqltypes.AutoString(length=32), nullable=True),
        sa.Column("in_queue", sa.Boolean(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("refused", sqltypes.AutoString(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["clinician.id"], name=op.f("fk_visit_plan_line_clinician_id_clinician")
        ),
        sa.ForeignKeyConstraint(
            ["interpreter_id"], ["interpreter.id"], name=op.f("fk_visit_plan_line_interpreter_id_interpreter")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["visit_plan.id"], name=op.f("fk_visit_plan_line_plan_id_visit_plan")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_visit_plan_line_practice_id_practice")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["waiting_request.id"], name=op.f("fk_visit_plan_line_request_id_waiting_request")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_plan_line_visit_id_visit")),
        sa.PrimaryKeyConstraint("plan_id", "request_id", name=op.f("pk_visit_plan_line")),
    )
    with op.batch_alter_table("visit_plan_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_plan_line_practice_id"), ["practice_id"], unique=False)

    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.alter_column("partner_id", existing_type=sa.INTEGER(), nullable=True)

    op.add_column("message", sa.Column("hours", sqltypes.AutoString(length=16), nullable=True))
    op.add_column("patient", sa.Column("phone_since", sa.Date(), nullable=True))
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("campaign_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("waiting_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_offer_waiting_id"), ["waiting_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_offer_campaign_id_campaign"), "campaign", ["campaign_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_offer_waiting_id_waiting_request"), "waiting_request", ["waiting_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_offer_waiting_id_waiting_request"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_offer_campaign_id_campaign"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_offer_waiting_id"))
        batch_op.drop_column("waiting_id")
        batch_op.drop_column("campaign_id")

    op.drop_column("patient", "phone_since")
    op.drop_column("message", "hours")

    with op.batch_alter_table("visit_plan_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_plan_line_practice_id"))

    op.drop_table("visit_plan_line")
    with op.batch_alter_table("waiting_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_waiting_request_patient",
            sqlite_where=sa.text("state IN ('waiting', 'asked')"),
            postgresql_where=sa.text("state IN ('waiting', 'asked')"),
        )
        batch_op.drop_index("ix_waiting_request_practice")
        batch_op.drop_index("ix_waiting_request_clinic")
        batch_op.drop_index(batch_op.f("ix_waiting_request_campaign_id"))

    op.drop_table("waiting_request")
    op.drop_table("poster_time")
    with op.batch_alter_table("poster_start", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_poster_start_poster_code"))
        batch_op.drop_index("ix_poster_start_phone")

    op.drop_table("poster_start")
    with op.batch_alter_table("poster", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_poster_clinic_id"))

    op.drop_table("poster")
    with op.batch_alter_table("booking_campaign", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_campaign_clinic_id"))

    op.drop_table("booking_campaign")
    op.drop_table("cervical_screening")
    op.drop_table("visit_plan")

    _close_questions_nobody_knew()
    _forget_campaigns_without_partner()
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.alter_column("partner_id", existing_type=sa.Integer(), nullable=False)


def _close_questions_nobody_knew() -> None:
    """The code before cannot read an answer to them."""
    question = sa.table("open_question", sa.column("kind"), sa.column("state"))
    unknown = sa.and_(question.c.kind.in_(_NEW_QUESTIONS), question.c.state.in_(("pending", "open")))
    op.execute(sa.update(question).where(unknown).values(state="expired"))


def _forget_campaigns_without_partner() -> None:
    """Every campaign had a partner before. What had not gone of theirs never goes: nobody could stop it any more."""
    campaign = sa.table("campaign", sa.column("id"), sa.column("partner_id"))
    theirs = sa.select(campaign.c.id).where(campaign.c.partner_id.is_(None))
    text, question = (
        sa.table(name, *map(sa.column, ("subject_kind", "subject_id", "state", *more)))
        for name, more in (("message", ["reason"]), ("open_question", []))
    )
    about_them = {
        table: sa.and_(table.c.subject_kind == "campaign", table.c.subject_id.in_(theirs)) for table in (text, question)
    }
    unsent = sa.and_(about_them[text], text.c.state.in_(("queued", "held")))
    op.execute(sa.update(text).where(unsent).values(state="cancelled", reason="campaign-stopped"))
    asked = sa.and_(about_them[question], question.c.state.in_(("pending", "open")))
    op.execute(sa.update(question).where(asked).values(state="expired"))
    for table, is_theirs in about_them.items():
        op.execute(sa.update(table).where(is_theirs).values(subject_kind=None, subject_id=None))
    visit = sa.table("visit", sa.column("campaign_id"))
    op.execute(sa.update(visit).where(visit.c.campaign_id.in_(theirs)).values(campaign_id=None))
    batch = sa.table("batch", sa.column("id"), sa.column("campaign_id"))
    message = sa.table("message", sa.column("batch_id"))
    of_theirs = sa.select(batch.c.id).where(batch.c.campaign_id.in_(theirs))
    op.execute(sa.update(message).where(message.c.batch_id.in_(of_theirs)).values(batch_id=None))
    for name in _KEPT_OF_CAMPAIGNS:
        table = sa.table(name, sa.column("campaign_id"))
        op.execute(sa.delete(table).where(table.c.campaign_id.in_(theirs)))
    op.execute(sa.delete(campaign).where(campaign.c.partner_id.is_(None)))
