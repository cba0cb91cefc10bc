"""The one writer: a thread that commits whatever is queued in one transaction, and only then answers.

Group commit is what makes `synchronous=FULL` affordable: a thousand phones answering at once cost a
handful of disk syncs instead of a thousand.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from kit.errors import KitError, Unavailable
from kit.session.acts.each import answer_each
from kit.session.run.log import describe_fault
from kit.session.store.failures import is_away, is_passing, refusal_of
from kit.session.store.store import Store
from kit.session.store.transaction import Writing

# An act for many takes a writing and all requests of its kind that stand next to each other in the queue; it
# returns one result or KitError for each, and raises nothing for a bad request.
BulkAct = Callable[[Writing, Sequence[Any]], Sequence[Any]]
Result = TypeVar("Result")

MAX_BATCH: Final = 1_000
MAX_QUEUED: Final = 20_000
# From here on an officer's request goes before those of phones: below, the queue is gone in a moment anyway.
MANY_QUEUED: Final = 2 * MAX_BATCH
# How long the first request of a batch waits for company: a commit costs more than a hundred answers in it.
GATHER_SECONDS: Final = 0.006
# Refusals that each request of a batch would meet alone too.
_OF_THE_STORE: Final = ("disk_full", "store_moved", "store_read_only")
# How soon a request is seen that came to be first of many just as the many had gone.
LOOK_SECONDS: Final = 0.5
_log = logging.getLogger("kit.writer")


@dataclass(frozen=True, slots=True)
class _Job:
    """A request to an act; what stands beside it in the queue is committed with it."""

    act: BulkAct
    request: Any
    future: Future[Any] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Maintenance:
    """Work on the whole store, outside of any transaction."""

    task: Callable[[], object]
    future: Future[Any] = field(default_factory=Future)


class Writer:
    """Runs acts on the store, one transaction for each batch, in the order of their arrival."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: queue.Queue[_Job | _Maintenance | None] = queue.Queue(MAX_QUEUED)
        self._first: queue.SimpleQueue[_Job | _Maintenance] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="kit-writer", daemon=True)
        self._alarm: str | None = None
        # When the last batch was committed, by `time.monotonic`.
        self.busy_at = 0.0
        self._thread.start()

    @property
    def alarm(self) -> str | None:
        """Why nothing is kept now, as the key of an error: what the last commit met, or what a look tells."""
        return self._store.trouble or self._alarm if self.is_alive else "writer_dead"

    @property
    def is_alive(self) -> bool:
        """Whether anything will ever be committed again."""
        return self._thread.is_alive()

    def submit(self, act: BulkAct, request: object, *, first: bool = False) -> Future[Any]:
        """Queue a request. The future answers after the commit. Raises Unavailable when the queue is full.

        What an officer asks `first` finds a place in a full queue, and overtakes where many wait.
        """
        return self._put(_Job(act, request), first=first)

    def run(self, act: Callable[[Writing, Any], Result], request: object) -> Result:
        """Queue one request to an act for one and wait for its result."""
        result: Result = self.submit(one_by_one(act), request).result()
        return result

    def maintain(self, task: Callable[[], object]) -> Future[Any]:
        """Queue work on the whole store that cannot run inside a transaction, such as `Store.scrub`."""
        return self._put(_Maintenance(task))

    def close(self) -> None:
        """Commit what is queued and stop."""
        if self.is_alive:
            self._queue.put(None)
            self._thread.join()

    def _put(self, job: _Job | _Maintenance, *, first: bool = False) -> Future[Any]:
        if not self.is_alive:
            raise Unavailable("writer_dead")
        if first and self._queue.qsize() >= MANY_QUEUED:
            self._first.put(job)
            return job.future
        try:
            self._queue.put_nowait(job)
        except queue.Full:
            raise Unavailable("queue_full") from None
        return job.future

    def _run(self) -> None:
        while (first := self._next()) is not None:
            time.sleep(GATHER_SECONDS)
            batch, ending = self._gather(first)
            for part in _parts([job for job in batch if job.future.set_running_or_notify_cancel()]):
                if isinstance(part, _Maintenance):
                    _maintain(part)
                else:
                    self._commit(part)
            self.busy_at = time.monotonic()
            if ending:
                return

    def _next(self) -> _Job | _Maintenance | None:
        """Who has waited longest; None to stop."""
        while True:
            try:
                return self._queue.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                # Put here when many waited, and these are gone since.
                if not self._first.empty():
                    return self._first.get_nowait()

    def _gather(self, first: _Job | _Maintenance) -> tuple[list[_Job | _Maintenance], bool]:
        """The first and whoever queued behind it, and whether the writer is to stop after them."""
        # Whoever asks first waits behind a queue that is never empty: the next batch begins with them.
        batch = [*self._drawn(self._first), first]
        while len(batch) < MAX_BATCH and not self._queue.empty():
            following = self._queue.get_nowait()
            if following is None:
                return batch, True
            batch.append(following)
        return batch, False

    @staticmethod
    def _drawn(waiting: queue.SimpleQueue[_Job | _Maintenance]) -> Iterator[_Job | _Maintenance]:
        while not waiting.empty():
            yield waiting.get_nowait()

    def _commit(self, batch: list[_Job], *, again: bool = True) -> None:
        try:
            with self._store.writing() as tx:
                results = _run_batch(tx, batch)
        except Exception as error:
            self._after_failure(batch, error, again)
            return
        if tx.wrote:
            # A transaction that changed nothing says nothing about the disk.
            self._alarm = None
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
        if len(batch) > 1 and refusal.key not in _OF_THE_STORE and not is_away(error):
            # One request spoils the others: let each stand alone.
            for job in batch:
                self._commit([job])
            return
        if not isinstance(error, KitError):
            _log.error("not stored: %s", describe_fault(error))
            self._alarm = refusal.key
        for job in batch:
            job.future.set_exception(refusal)


def one_by_one(act: Callable[[Writing, Any], Any]) -> BulkAct:
    """Make an act for many of an act for one that refuses by raising before it writes."""

    def run_each(tx: Writing, requests: Sequence[Any]) -> list[Any]:
        return answer_each(lambda request: act(tx, request), requests)

    return run_each


def _maintain(job: _Maintenance) -> None:
    try:
        job.future.set_result(job.task())
    except Exception as error:
        _log.error("maintenance failed: %s", describe_fault(error))
        job.future.set_exception(refusal_of(error))


def _parts(batch: list[_Job | _Maintenance]) -> list[list[_Job] | _Maintenance]:
    """Split a batch into what is committed together and maintenance, which stands alone."""
    parts: list[list[_Job] | _Maintenance] = []
    for job in batch:
        if isinstance(job, _Maintenance):
            parts.append(job)
        elif parts and isinstance(parts[-1], list):
            parts[-1].append(job)
        else:
            parts.append([job])
    return parts


def _run_batch(tx: Writing, batch: list[_Job]) -> list[Any]:
    """The results of a batch; neighbours of one act are handed to it together."""
    results: list[Any] = []
    start = 0
    while start < len(batch):
        act = batch[start].act
        end = start
        while end < len(batch) and batch[end].act is act:
            end += 1
        answers = act(tx, [job.request for job in batch[start:end]])
        if len(answers) != end - start:
            raise RuntimeError(f"{act} answered {len(answers)} of {end - start} requests")
        results += answers
        start = end
    return results
