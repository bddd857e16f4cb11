"""Further partners of a campaign, people asked of a partner, consent given to staff, words that are erased"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_ASKED = sa.text("state = 'asked'")
_RECORDED_BY, _MADE_BY = "fk_consent_recorded_by_user_account", "fk_referral_made_by_user_account"


def upgrade() -> None:
    op.create_table(
        "campaign_partner",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_partner_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_campaign_partner_partner_id_partner")),
        sa.PrimaryKeyConstraint("campaign_id", "partner_id", name=op.f("pk_campaign_partner")),
        sa.UniqueConstraint("campaign_id", "place", name=op.f("uq_campaign_partner_campaign_id_place")),
    )
    op.create_index(op.f("ix_campaign_partner_partner_id"), "campaign_partner", ["partner_id"])
    op.create_table(
        "referral_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("instead_of_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sqltypes.AutoString(length=64), nullable=False),
        sa.Column("said", sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'agreed', 'refused', 'lapsed', 'dropped')", name=op.f("ck_referral_proposal_state")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_referral_proposal_{column}_{table}"))
            for column, table in (
                ("practice_id", "practice"),
                ("partner_id", "partner"),
                ("patient_id", "patient"),
                ("campaign_id", "campaign"),
                ("instead_of_id", "referral"),
                ("made_by", "user_account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_proposal")),
    )
    op.create_index(
        "uq_referral_proposal_open",
        "referral_proposal",
        ["patient_id"],
        unique=True,
        sqlite_where=_ASKED,
        postgresql_where=_ASKED,
    )
    op.create_index("ix_referral_proposal_practice", "referral_proposal", ["practice_id", "state"])
    op.create_index(op.f("ix_referral_proposal_instead_of_id"), "referral_proposal", ["instead_of_id"])
    with op.batch_alter_table("consent") as table:
        table.alter_column("question_message_id", existing_type=sa.Integer(), nullable=True)
        table.alter_column("answer_message_id", existing_type=sa.Integer(), nullable=True)
        table.add_column(sa.Column("how", sqltypes.AutoString(length=16), server_default="text", nullable=False))
        table.add_column(sa.Column("recorded_by", sa.Integer(), nullable=True))
        table.add_column(sa.Column("withdrawn_at", sqltypes.UTCDateTime(), nullable=True))
        table.create_foreign_key(op.f(_RECORDED_BY), "user_account", ["recorded_by"], ["id"])
        table.create_check_constraint(op.f("ck_consent_how"), "how IN ('text', 'phone', 'in-person')")
        table.create_check_constraint(
            op.f("ck_consent_by_text"),
            "how <> 'text' OR (question_message_id IS NOT NULL AND answer_message_id IS NOT NULL)",
        )
    with op.batch_alter_table("referral") as table:
        table.add_column(sa.Column("made_by", sa.Integer(), nullable=True))
        table.add_column(sa.Column("erased_at", sqltypes.UTCDateTime(), nullable=True))
        table.create_foreign_key(op.f(_MADE_BY), "user_account", ["made_by"], ["id"])


def downgrade() -> None:
    _close_questions_about_proposals()
    op.drop_table("referral_proposal")
    op.drop_table("campaign_partner")
    _forget_what_was_said_to_staff()
    with op.batch_alter_table("referral") as table:
        table.drop_constraint(op.f(_MADE_BY), type_="foreignkey")
        table.drop_column("erased_at")
        table.drop_column("made_by")
    with op.batch_alter_table("consent") as table:
        table.drop_constraint(op.f("ck_consent_by_text"), type_="check")
        table.drop_constraint(op.f("ck_consent_how"), type_="check")
        table.drop_constraint(op.f(_RECORDED_BY), type_="foreignkey")
        table.drop_column("withdrawn_at")
        table.drop_column("recorded_by")
        table.drop_column("how")
        table.alter_column("answer_message_id", existing_type=sa.Integer(), nullable=False)
        table.alter_column("question_message_id", existing_type=sa.Integer(), nullable=False)


def _close_questions_about_proposals() -> None:
    """The code before knows neither such a subject nor the question whether a yes is taken back."""
    question = sa.table("open_question", *map(sa.column, ("kind", "state", "subject_kind", "subject_id", "detail")))
    text = sa.table("message", *map(sa.column, ("state", "reason", "subject_kind", "subject_id")))
    about = {table: table.c.subject_kind == "proposal" for table in (question, text)}
    unknown = sa.or_(about[question], question.c.kind == "withdraw")
    asked = sa.and_(unknown, question.c.state.in_(("pending", "open")))
    op.execute(sa.update(question).where(asked).values(state="expired"))
    unsent = sa.and_(about[text], text.c.state.in_(("queued", "held")))
    op.execute(sa.update(text).where(unsent).values(state="cancelled", reason="referral-withdrawn"))
    for table, is_about in about.items():
        op.execute(sa.update(table).where(is_about).values(subject_kind=None, subject_id=None))
    op.execute(sa.update(question).where(question.c.kind == "consent").values(detail=None))


def _forget_what_was_said_to_staff() -> None:
    """Every consent came by text before: referrals that rest on another are taken away, with what hangs on them."""
    consent = sa.table("consent", sa.column("id"), sa.column("how"))
    referral = sa.table("referral", sa.column("id"), sa.column("consent_id"))
    said = sa.select(consent.c.id).where(consent.c.how != "text")
    theirs = sa.select(referral.c.id).where(referral.c.consent_id.in_(said))
    for name in ("referral_note", "referral_text"):
        table = sa.table(name, sa.column("referral_id"))
        op.execute(sa.delete(table).where(table.c.referral_id.in_(theirs)))
    for name in ("open_question", "message"):
        table = sa.table(name, sa.column("subject_kind"), sa.column("subject_id"))
        about = sa.and_(table.c.subject_kind == "referral", table.c.subject_id.in_(theirs))
        op.execute(sa.update(table).where(about).values(subject_kind=None, subject_id=None))
    op.execute(sa.delete(referral).where(referral.c.consent_id.in_(said)))
    op.execute(sa.delete(consent).where(consent.c.how != "text"))
