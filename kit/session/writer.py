"""The one writer: a thread that commits whatever is queued in one transaction, and only then answers.

Group commit is what makes `synchronous=FULL` affordable: a thousand phones answering at once cost a
handful of disk syncs instead of a thousand.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from kit.errors import KitError, Unavailable
from kit.session.database import is_away, is_passing, refusal_of
from kit.session.log import describe_fault
from kit.session.store import Store, Transaction

# A rule takes a transaction and all requests of its kind that stand next to each other in the queue; it
# returns one result or KitError for each, and raises nothing for a bad request.
BulkRule = Callable[[Transaction, Sequence[Any]], Sequence[Any]]
Result = TypeVar("Result")

MAX_BATCH: Final = 1_000
MAX_QUEUED: Final = 20_000
# How long the first request of a batch waits for company: a commit costs more than a hundred answers in it.
GATHER_SECONDS: Final = 0.006
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
        # When the last batch was committed, by `time.monotonic`.
        self.busy_at = 0.0
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

    def maintain(self, task: Callable[[], object]) -> Future[Any]:
        """Queue work on the whole store that cannot run inside a transaction, such as `Store.scrub`."""
        return self.submit(_MAINTENANCE, task)

    def close(self) -> None:
        """Commit what is queued and stop."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            time.sleep(GATHER_SECONDS)
            batch = [job]
            ending = False
            while len(batch) < MAX_BATCH and not self._queue.empty():
                following = self._queue.get_nowait()
                if following is None:
                    ending = True
                    break
                batch.append(following)
            for part in _apart([job for job in batch if job.future.set_running_or_notify_cancel()]):
                if part[0].rule is _MAINTENANCE:
                    _maintain(part[0])
                else:
                    self._commit(part)
            self.busy_at = time.monotonic()
            if ending:
                return

    def _commit(self, batch: list[_Job], *, again: bool = True) -> None:
        try:
            with self._store.begin() as transaction:
                results = _run_batch(transaction, batch)
        except Exception as error:
            self._after_failure(batch, error, again)
            return
        if transaction.wrote:
            # A transaction that changed nothing says nothing about the disk.
            self.alarm = None
        for job, result in zip(batch, results, strict=True):
            if isinstance(result, KitError):
                job.future.set_exception(result)
            else:
                job.future.set_result(result)

    def _after_failure(self, batch: list[_Job], error: Exception, again: bool) -> None:
        """Nothing of the batch was kept. Try once more where that can help, else refuse all of it."""
        refusal = refusal_of(error)
        if again and is_passing(error):
            self._commit(batch, again=False)
            return
        if len(batch) > 1 and refusal.key != "disk_full" and not is_away(error):
            # One request spoils the others: let each stand alone.
            for job in batch:
                self._commit([job])
            return
        if not isinstance(error, KitError):
            _log.error("not stored: %s", describe_fault(error))
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
        _log.error("maintenance failed: %s", describe_fault(error))
        job.future.set_exception(refusal_of(error))


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
        answers = batch[start].rule(transaction, [job.request for job in batch[start:end]])
        if len(answers) != end - start:
            raise RuntimeError(f"{batch[start].rule} answered {len(answers)} of {end - start} requests")
        results += answers
        start = end
    return results
