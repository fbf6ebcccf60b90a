"""Alembic's environment: one tree of migrations for SQLite and PostgreSQL, run on the connection it is given."""

from alembic import context

from lapor_gateway.book.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
