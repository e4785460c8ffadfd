"""What Alembic runs its steps in: the connection that `newsbot.store.engine.config` was given, in its transaction."""

from alembic import context

from newsbot.store.migrations import VERSION_TABLE, is_modelled
from newsbot.store.models import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    include_name=is_modelled,
)
with context.begin_transaction():
    context.run_migrations()
