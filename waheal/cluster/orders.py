"""The machines' queues of orders, kept by DBOS Transact: the only module that knows it.

Theory of operation. An order for a machine is a workflow without steps, in the queue of that
machine alone, and what it does is begun anew whenever it did not come to its end: a step is at
least once, and no send may be one. DBOS keeps which of them wait, which run, and which ended; it
knows nothing of what they do. A machine that is started again takes up its own, nobody else's. To
put one in a queue takes no more than a statement (`ENQUEUE`), which joins the ledger's transaction.

DBOS has no fence: a forgotten process of the same machine would take its orders. Hence the home's
lock and the machine's epoch are taken before `listen`.
"""

import logging
from collections.abc import Callable
from contextlib import suppress

ENQUEUE = """
SELECT {schema}.enqueue_workflow(
    workflow_name => 'order', queue_name => :queue, positional_args => ARRAY[:number::text::json],
    app_version => :version, deduplication_id => :once
) WHERE NOT EXISTS (
    SELECT 1 FROM {schema}.workflow_status
     WHERE queue_name = :queue AND deduplication_id = :once
)
"""
"""Puts an order (its number) into a queue, unless one waits or runs there under the same `once`.

`schema` is where DBOS has its tables.
"""

Body = Callable[[int], None]
"""What is to be done for an order, by its number."""

_NAME = "waheal"
_POOL = 2
_RECOVERIES = 1_000_000  # a crash is no reason to give an order up


class LeftUndone(BaseException):
    """Leaves an order as it is, for the machine's next start: DBOS takes no note of it."""


def queue_of(machine: int) -> str:
    """Name a machine's queue."""
    return f"m.{machine}"


class Queues:
    """DBOS in a database, as one machine uses it; `version` is of the ledger's tables.

    Orders of other versions are left to who knows them.
    """

    def __init__(self, url: str, schema: str, machine: int, version: int) -> None:
        # Loaded by whoever listens, and by nobody else: it takes a second, and sqlalchemy.
        import sqlalchemy  # noqa: PLC0415
        from dbos import DBOSConfig  # noqa: PLC0415

        from waheal.store.postgres_way import plainly  # noqa: PLC0415

        logging.getLogger("dbos").addHandler(logging.NullHandler())  # else it takes stderr
        self._queue = queue_of(machine)
        # libpq reads the URL, as for the ledger itself.
        self._engine = sqlalchemy.create_engine(
            "postgresql+psycopg://", creator=lambda: plainly(url),
            pool_size=_POOL, max_overflow=_POOL, pool_pre_ping=True,
        )  # fmt: skip
        self._config: DBOSConfig = {
            "name": _NAME,
            "system_database_engine": self._engine,
            "dbos_system_schema": schema,
            "application_version": str(version),
            "executor_id": str(machine),
            "log_level": "ERROR",
        }

    def make(self) -> None:
        """Make the tables, or bring them to this release; takes no order.

        Raises: an error of sqlalchemy's.
        """
        self._launch(migrate=True)
        self.close()

    def listen(self, body: Body) -> None:
        """Begin to take orders, those first that an earlier process left: `body` does each.

        Raises: an error of sqlalchemy's, such as where the server is away.
        """
        from dbos import DBOS  # noqa: PLC0415

        def order(number: int) -> None:
            body(number)

        DBOS.workflow(name="order", max_recovery_attempts=_RECOVERIES)(order)
        self._launch(migrate=False)
        DBOS.register_queue(self._queue, worker_concurrency=1)

    def _launch(self, *, migrate: bool) -> None:
        from dbos import DBOS  # noqa: PLC0415

        self._config["run_migrations"] = migrate
        try:
            DBOS(config=self._config)
            DBOS.listen_queues([self._queue])
            DBOS.launch()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Take no more; what is under way is to be left by its body."""
        from dbos import DBOS  # noqa: PLC0415
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

        # It hangs up on its listening connection, which a server that is away has done before.
        with suppress(SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error):
            DBOS.destroy(destroy_registry=True)
        self._engine.dispose()
