"""Alembic's environment: it runs on the connection that `goldleaf.store` hands it, one transaction a migration."""

from alembic import context

from goldleaf.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
