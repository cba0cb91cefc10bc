"""The one writer: a thread that commits whatever is queued in one transaction, and only then answers.

Group commit is what makes `synchronous=FULL` affordable: a thousand phones answering at once cost a
handful of disk syncs instead of a thousand.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kit.errors import KitError, Unavailable
from kit.session.store import Store, Transaction

# A rule takes a transaction and all requests of its kind that stand next to each other in the queue; it
# returns one result or KitError for each, and raises nothing for a bad request.
BulkRule = Callable[[Transaction, Sequence[Any]], Sequence[Any]]
Result = TypeVar("Result")

MAX_BATCH: Final = 1_000
MAX_QUEUED: Final = 20_000
_log = logging.getLogger("kit.writer")


@dataclass(frozen=True, slots=True)
class _Job:
    rule: BulkRule
    request: Any
    future: Future[Any] = field(default_factory=Future)


class Writer:
    """Runs rules on the store, one transaction for each batch, in the order of their arrival."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: queue.Queue[_Job | None] = queue.Queue(MAX_QUEUED)
        self._thread = threading.Thread(target=self._run, name="kit-writer", daemon=True)
        self.alarm: str | None = None
        self._thread.start()

    def submit(self, rule: BulkRule, request: object) -> Future[Any]:
        """Queue a request. The future answers after the commit. Raises Unavailable when the queue is full."""
        job = _Job(rule, request)
        try:
            self._queue.put_nowait(job)
        except queue.Full:
            raise Unavailable("queue_full") from None
        return job.future

    def run(self, rule: Callable[[Transaction, Any], Result], request: object) -> Result:
        """Queue one request and wait for its result."""
        result: Result = self.submit(one_by_one(rule), request).result()
        return result

    def maintain(self, task: Callable[[], None]) -> Future[Any]:
        """Queue work on the whole store that cannot run inside a transaction, such as `Store.scrub`."""
        return self.submit(_MAINTENANCE, task)

    def close(self) -> None:
        """Commit what is queued and stop."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            batch = [job]
            ending = False
            while len(batch) < MAX_BATCH and not self._queue.empty():
                following = self._queue.get_nowait()
                if following is None:
                    ending = True
                    break
                batch.append(following)
            for part in _apart(batch):
                if part[0].rule is _MAINTENANCE:
                    _maintain(part[0])
                else:
                    self._commit(part)
            if ending:
                return

    def _commit(self, batch: list[_Job]) -> None:
        try:
            with self._store.begin() as transaction:
                results = _run_batch(transaction, batch)
        except Exception as error:
            self._after_failure(batch, error)
            return
        self.alarm = None
        for job, result in zip(batch, results, strict=True):
            if isinstance(result, KitError):
                job.future.set_exception(result)
            else:
                job.future.set_result(result)

    def _after_failure(self, batch: list[_Job], error: Exception) -> None:
        """Nothing of the batch was kept: try its requests alone, so that one cannot spoil the others."""
        refusal = _refusal(error)
        if len(batch) > 1 and refusal.key != "disk_full":
            for job in batch:
                self._commit([job])
            return
        if not isinstance(error, KitError):
            _log.error("not stored: %s", type(error).__name__, exc_info=error)
            self.alarm = refusal.key
        for job in batch:
            job.future.set_exception(refusal)


def one_by_one(rule: Callable[[Transaction, Any], Any]) -> BulkRule:
    """Make a bulk rule of a rule for one request that refuses by raising before it writes."""

    def run_each(transaction: Transaction, requests: Sequence[Any]) -> list[Any]:
        results: list[Any] = []
        for request in requests:
            try:
                results.append(rule(transaction, request))
            except KitError as error:
                results.append(error)
        return results

    return run_each


def _MAINTENANCE(transaction: Transaction, requests: Sequence[Any]) -> list[Any]:  # noqa: N802 - a marker
    raise NotImplementedError


def _maintain(job: _Job) -> None:
    try:
        job.future.set_result(job.request())
    except Exception as error:
        _log.exception("maintenance failed")
        job.future.set_exception(_refusal(error))


def _apart(batch: list[_Job]) -> list[list[_Job]]:
    """Split a batch so that each maintenance task stands alone."""
    parts: list[list[_Job]] = [[]]
    for job in batch:
        if job.rule is _MAINTENANCE:
            parts += [[job], []]
        else:
            parts[-1].append(job)
    return [part for part in parts if part]


def _run_batch(transaction: Transaction, batch: list[_Job]) -> list[Any]:
    results: list[Any] = []
    start = 0
    while start < len(batch):
        end = start
        while end < len(batch) and batch[end].rule is batch[start].rule:
            end += 1
        results += batch[start].rule(transaction, [job.request for job in batch[start:end]])
        start = end
    return results


def _refusal(error: Exception) -> KitError:
    if isinstance(error, KitError):
        return error
    if isinstance(error, DBAPIError) and "full" in str(error.orig).lower():
        return Unavailable("disk_full")
    if isinstance(error, DBAPIError | SQLAlchemyError | OSError):
        return Unavailable("store_failed")
    return KitError("unexpected")
