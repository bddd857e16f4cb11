"""Organisations and memberships: codes unique over all kinds, and any number of roles for one account"""

from itertools import count

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROLES = "role IN ('practice', 'lead', 'partner', 'reviewer', 'pharmacy', 'interpreter', 'admin')"
LONGEST_CODE = 32
KINDS = ("practice", "partner")
TO_MEMBERSHIPS = """
INSERT INTO membership (user_id, role, organisation)
SELECT user_account.id, user_account.role,
  CASE WHEN user_account.role <> 'admin' THEN COALESCE(practice.code, partner.code) END
FROM user_account
LEFT JOIN practice ON practice.id = user_account.practice_id
LEFT JOIN partner ON partner.id = user_account.partner_id
ORDER BY user_account.id
"""
TO_ACCOUNTS = """
WITH first AS (SELECT * FROM membership WHERE id IN (SELECT MIN(id) FROM membership GROUP BY user_id))
UPDATE user_account SET
  role = (SELECT first.role FROM first WHERE user_id = user_account.id),
  practice_id = (SELECT practice.id FROM practice JOIN first ON organisation = code WHERE user_id = user_account.id),
  partner_id = (SELECT partner.id FROM partner JOIN first ON organisation = code WHERE user_id = user_account.id)
"""
# Whoever has no membership may do nothing; to no interpreter anything is open in this version.
WITHOUT_ANY = "UPDATE user_account SET role = 'interpreter' WHERE role IS NULL"


def upgrade() -> None:
    op.create_table(
        "organisation",
        sa.Column("code", sqltypes.AutoString(length=LONGEST_CODE), nullable=False),
        sa.Column("kind", sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_organisation")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sqltypes.AutoString(), nullable=False),
        sa.Column("organisation", sqltypes.AutoString(length=LONGEST_CODE), nullable=True),
        sa.CheckConstraint(ROLES, name=op.f("ck_membership_role")),
        sa.CheckConstraint("role <> 'admin' OR organisation IS NULL", name=op.f("ck_membership_admin")),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.code"], name=op.f("fk_membership_organisation_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_membership_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("user_id", "role", "organisation", name=op.f("uq_membership_user_id_role_organisation")),
    )
    service = sa.text("organisation IS NULL")
    op.create_index(
        "uq_membership_service",
        "membership",
        ["user_id", "role"],
        unique=True,
        sqlite_where=service,
        postgresql_where=service,
    )
    _make_codes_unique()
    for kind in KINDS:
        _register(kind)
        with op.batch_alter_table(kind) as batch_op:
            batch_op.create_foreign_key(batch_op.f(f"fk_{kind}_code_organisation"), "organisation", ["code"], ["code"])
    op.execute(TO_MEMBERSHIPS)
    with op.batch_alter_table("user_account") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_user_account_practice_id_practice"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_user_account_partner_id_partner"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("ck_user_account_role"), type_="check")
        for column in ("role", "practice_id", "partner_id"):
            batch_op.drop_column(column)


def _register(kind: str) -> None:
    codes = sa.select(sa.table(kind, sa.column("code")).c.code, sa.literal(kind))
    op.execute(
        sa.insert(sa.table("organisation", sa.column("code"), sa.column("kind"))).from_select(["code", "kind"], codes)
    )


def _make_codes_unique() -> None:
    """A partner that has the code of a practice gets another: its own with a number."""
    practice, partner = (sa.table(kind, sa.column("id"), sa.column("code")) for kind in KINDS)
    connection = op.get_bind()
    taken = {code for table in (practice, partner) for code in connection.scalars(sa.select(table.c.code))}
    same = sa.select(partner).where(partner.c.code.in_(sa.select(practice.c.code))).order_by(partner.c.id)
    for row in connection.execute(same).all():
        suffixes = (f"-{number}" for number in count(2))
        code = next(new for end in suffixes if (new := row.code[: LONGEST_CODE - len(end)] + end) not in taken)
        taken.add(code)
        connection.execute(sa.update(partner).where(partner.c.id == row.id).values(code=code))


def downgrade() -> None:
    op.add_column("user_account", sa.Column("role", sqltypes.AutoString(), nullable=True))
    op.add_column("user_account", sa.Column("practice_id", sa.Integer(), nullable=True))
    op.add_column("user_account", sa.Column("partner_id", sa.Integer(), nullable=True))
    op.execute(TO_ACCOUNTS)
    op.execute(WITHOUT_ANY)
    with op.batch_alter_table("user_account") as batch_op:
        batch_op.alter_column("role", existing_type=sa.VARCHAR(), nullable=False)
        batch_op.create_check_constraint(batch_op.f("ck_user_account_role"), ROLES)
        for kind in KINDS:
            batch_op.create_foreign_key(batch_op.f(f"fk_user_account_{kind}_id_{kind}"), kind, [f"{kind}_id"], ["id"])
    for kind in KINDS:
        with op.batch_alter_table(kind) as batch_op:
            batch_op.drop_constraint(batch_op.f(f"fk_{kind}_code_organisation"), type_="foreignkey")
    op.drop_index("uq_membership_service", "membership")
    op.drop_table("membership")
    op.drop_table("organisation")
