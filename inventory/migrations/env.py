"""Alembic's entry: runs on the connection `database.migrate` hands over, inside its transaction."""

from alembic import context

from inventory.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    # The connection is already in a transaction; a failed migration leaves nothing behind.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
