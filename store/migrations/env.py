"""How Alembic runs here: on the connection, and in the transaction, that `store.migrate` opened."""

from alembic import context

from store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
