"""Alembic's entry: migrates over the connection it is handed."""

from alembic import context
from sqlalchemy import Connection

import bot.tables

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=bot.tables.metadata,
    render_as_batch=True,
    compare_type=True,
    user_module_prefix="sqltypes.",
)
with context.begin_transaction():
    context.run_migrations()
if connection.in_transaction():
    connection.commit()
