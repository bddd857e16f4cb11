"""Agencies, their interpreters, and the codes of people who need one"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("phone", sqltypes.AutoString(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["organisation.code"], name=op.f("fk_agency_code_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("code", name=op.f("uq_agency_code")),
    )
    op.create_table(
        "agency_practice",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_agency_practice_agency_id_agency")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_agency_practice_practice_id_practice")),
        sa.PrimaryKeyConstraint("agency_id", "practice_id", name=op.f("pk_agency_practice")),
    )
    op.create_table(
        "interpreter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sqltypes.AutoString(length=32), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("name", sqltypes.AutoString(length=100), nullable=False),
        sa.Column("sex", sqltypes.AutoString(), nullable=False),
        sa.Column("phone", sqltypes.AutoString(), nullable=True),
        sa.Column("email", sqltypes.AutoString(), nullable=True),
        sa.Column("in_person_notice", sa.Integer(), nullable=True),
        sa.Column("telephone_notice", sa.Integer(), nullable=True),
        sa.Column("video_notice", sa.Integer(), nullable=True),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("updated_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("left_at", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("sex IN ('F', 'M', 'X', 'U')", name=op.f("ck_interpreter_sex")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_interpreter_agency_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interpreter")),
        sa.UniqueConstraint("code", name=op.f("uq_interpreter_code")),
        sa.UniqueConstraint("email", name=op.f("uq_interpreter_email")),
    )
    op.create_index(op.f("ix_interpreter_agency_id"), "interpreter", ["agency_id"], unique=False)
    op.create_index(op.f("ix_interpreter_phone"), "interpreter", ["phone"], unique=False)
    op.create_table(
        "blocked_interpreter",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("interpreter_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interpreter_id"], ["interpreter.id"], name=op.f("fk_blocked_interpreter_interpreter_id_interpreter")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_blocked_interpreter_patient_id_patient")),
        sa.PrimaryKeyConstraint("patient_id", "interpreter_id", name=op.f("pk_blocked_interpreter")),
    )
    op.create_table(
        "interpreter_away",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interpreter_id", sa.Integer(), nullable=False),
        sa.Column("starts", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("starts < ends", name=op.f("ck_interpreter_away_order")),
        sa.ForeignKeyConstraint(
            ["interpreter_id"], ["interpreter.id"], name=op.f("fk_interpreter_away_interpreter_id_interpreter")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interpreter_away")),
    )
    op.create_index("ix_interpreter_away_interpreter", "interpreter_away", ["interpreter_id", "ends"], unique=False)
    op.create_table(
        "interpreter_day",
        sa.Column("interpreter_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interpreter_id"], ["interpreter.id"], name=op.f("fk_interpreter_day_interpreter_id_interpreter")
        ),
        sa.PrimaryKeyConstraint("interpreter_id", "day", name=op.f("pk_interpreter_day")),
    )
    op.create_table(
        "interpreter_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interpreter_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.CheckConstraint("opens < closes", name=op.f("ck_interpreter_hours_order")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_interpreter_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["interpreter_id"], ["interpreter.id"], name=op.f("fk_interpreter_hours_interpreter_id_interpreter")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interpreter_hours")),
        sa.UniqueConstraint(
            "interpreter_id", "weekday", "opens", name=op.f("uq_interpreter_hours_interpreter_id_weekday_opens")
        ),
    )
    op.create_table(
        "interpreter_language",
        sa.Column("interpreter_id", sa.Integer(), nullable=False),
        sa.Column("language", sqltypes.AutoString(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["interpreter_id"], ["interpreter.id"], name=op.f("fk_interpreter_language_interpreter_id_interpreter")
        ),
        sa.PrimaryKeyConstraint("interpreter_id", "language", name=op.f("pk_interpreter_language")),
    )
    op.create_table(
        "person_code",
        sa.Column("code", sqltypes.AutoString(length=8), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("replaced_at", sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_person_code_patient_id_patient")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_person_code")),
    )
    op.create_index(
        "uq_person_code_patient",
        "person_code",
        ["patient_id"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_person_code_patient",
        table_name="person_code",
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.drop_table("person_code")
    op.drop_table("interpreter_language")
    op.drop_table("interpreter_hours")
    op.drop_table("interpreter_day")
    op.drop_index("ix_interpreter_away_interpreter", table_name="interpreter_away")
    op.drop_table("interpreter_away")
    op.drop_table("blocked_interpreter")
    op.drop_index(op.f("ix_interpreter_phone"), table_name="interpreter")
    op.drop_index(op.f("ix_interpreter_agency_id"), table_name="interpreter")
    op.drop_table("interpreter")
    op.drop_table("agency_practice")
    op.drop_table("agency")
