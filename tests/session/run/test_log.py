"""The log stays small, whatever strangers make go wrong."""

from __future__ import annotations

import logging

from kit.session.run.log import Sparse


def test_a_minute_has_so_many_lines_and_the_next_one_again() -> None:
    moment = [0.0]
    sparse = Sparse(lambda: moment[0])
    record = logging.makeLogRecord({"msg": "not answered"})
    assert [sparse.filter(record) for _ in range(10_000)].count(True) == Sparse.MOST
    moment[0] += Sparse.SECONDS
    assert sparse.filter(record)
