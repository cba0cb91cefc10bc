"""Everything one running service holds, whatever protocol it is asked in."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool

from kit.config import Settings, ensure_code_key, ensure_control_token
from kit.errors import KitError
from kit.office import read_office
from kit.session.acts import codes
from kit.session.acts.attend import Identity, hash_plain_codes, identify_all
from kit.session.acts.door import BurstMark, keep_burst
from kit.session.acts.follow import describe_session, list_sessions
from kit.session.acts.results import room_results
from kit.session.acts.view import SessionView, view_session
from kit.session.run.arrivals import Arrivals
from kit.session.run.code_guesses import CodeGuesses
from kit.session.run.guesses import Guesses
from kit.session.run.live import Live
from kit.session.run.reader import Reader
from kit.session.run.remotes import Remotes
from kit.session.run.stick import take_up
from kit.session.run.trial import Trial
from kit.session.run.upkeep import Upkeep
from kit.session.run.writer import BulkAct, Writer, one_by_one
from kit.session.store.store import Store
from kit.session.store.transaction import Reading
from kit.study.stage import CLOSED

_keep_burst = one_by_one(keep_burst)
KNOWN_TOKENS: Final = 20_000
# Together no more than there are connections to the database (`open_engine`).
PHONE_THREADS: Final = 12
OFFICER_THREADS: Final = 4
TELL_AGAIN_SECONDS: Final = 5.0


class Service:
    """The store with its writer and readers, the boards, the upkeep, and what is remembered of people."""

    def __init__(self, settings: Settings) -> None:
        """Open the store of some settings. Raises Unavailable when it cannot be opened."""
        self.settings = settings
        self.control_token = ensure_control_token(settings)
        take_up(settings)
        self.store = Store(settings.store, backups=settings.backups, code_key=ensure_code_key(settings))
        self.writer = Writer(self.store)
        self.reader = Reader(self.store)
        if self.writer.run(hash_plain_codes, None):
            # Codes of an earlier kit: the plain ones must not stay in free pages.
            self.writer.maintain(self.store.scrub)
        self.live = Live(self.store, read_office(settings).contact)
        self.guesses = Guesses()
        self.personal_guesses = CodeGuesses()
        self.arrivals = Arrivals()
        self.remotes = Remotes()
        self.trial = Trial()
        self.upkeep = Upkeep(settings, self.store, self.writer, self._forget)
        # Called when a session begins that phones come to.
        self.on_open: Callable[[], None] = lambda: None
        self._officer_threads = CapacityLimiter(OFFICER_THREADS)
        self._identities: OrderedDict[tuple[str, str], Identity] = OrderedDict()
        # The room's result by code, for the version of the session that it was computed for.
        self._results: dict[str, tuple[int, dict[str, Any] | None]] = {}
        # What its report will say, once it is reckoned, and who reckons it.
        self._told: dict[str, dict[str, Any]] = {}
        self._telling: dict[str, asyncio.Task[None]] = {}

    def shut(self) -> None:
        """Commit what is queued and give everything back."""
        self.writer.close()
        self.store.close()

    async def write(self, act: BulkAct, request: object) -> Any:
        """Run an act in the writer; answers only after the commit. Raises what the act refuses with."""
        return await asyncio.wrap_future(self.writer.submit(act, request))

    async def write_for_officer(self, act: BulkAct, request: object) -> Any:
        """The same, with a place in the queue also when phones have filled it."""
        return await asyncio.wrap_future(self.writer.submit(act, request, first=True))

    async def read_for_officer(self, reading: Callable[..., Any], *arguments: object) -> Any:
        """Run a reading in threads that phones cannot take: however many ask, the projector is answered."""
        with_store = partial(self._read, reading, *arguments)
        return await to_thread.run_sync(with_store, limiter=self._officer_threads)

    async def read(self, reading: Callable[..., Any], *arguments: object) -> Any:
        """Run a reading beside the writer."""
        return await run_in_threadpool(self._read, reading, *arguments)

    def _read(self, reading: Callable[..., Any], *arguments: object) -> Any:
        with self.store.reading() as tx:
            return reading(tx, *arguments)

    async def ask(self, reading: Callable[[Reading, Sequence[Any]], Sequence[Any]], request: object) -> Any:
        """Run a reading in company: what many ask in the same moment is read once."""
        return await self.reader.ask(reading, request)

    async def identify(self, code: str, token: str) -> Identity:
        """The participant of a session who holds a token. Raises NotAllowed.

        Remembered: who answers checks the token once more against the store, in the same transaction.
        """
        key = (code, codes.hash_token(token))
        who = self._identities.get(key)
        if who is None:
            who = await self.ask(identify_all, (code, token))
            assert isinstance(who, Identity)
            self._identities[key] = who
            if len(self._identities) > KNOWN_TOKENS:
                self._identities.popitem(last=False)
        return who

    async def note_arrival(self, code: str, address: str, participant_id: str) -> None:
        """Note from where somebody has joined. People of a burst are marked in the store, many at once."""
        burst = self.arrivals.note(code, address, participant_id)
        if burst is None:
            return
        async with burst.marking:
            if waiting := tuple(burst.unmarked):
                # Whoever joins is in, whatever becomes of the mark: the next one tries again for both.
                with contextlib.suppress(KitError):
                    burst.burst_id = await self.write(_keep_burst, BurstMark(code, waiting, burst.burst_id))
                    del burst.unmarked[: len(waiting)]

    async def describe(self, code: str) -> dict[str, Any]:
        """One session with its numbers. Raises NotFound."""
        described: dict[str, Any] = await self.read_for_officer(self._describe, code)
        return described

    def _describe(self, tx: Reading, code: str) -> dict[str, Any]:
        view = view_session(tx, code)
        return describe_session(tx, view, self._room_results(tx, view))

    def _room_results(self, tx: Reading, view: SessionView) -> dict[str, Any] | None:
        version, results = self._results.get(view.code, (None, None))
        if version != view.version:
            results = room_results(tx, view)
            self._results[view.code] = (view.version, results)
        return results

    def told_results(self, code: str) -> dict[str, Any] | None:
        """What the report will say of the room; None while it is reckoned, beside everything else."""
        if code in self._told:
            return self._told[code]
        if code not in self._telling:
            self._telling[code] = asyncio.create_task(self._tell(code))
        return None

    async def _tell(self, code: str) -> None:
        """Reckon what the report will say; after a failure the next look tries again, a moment later."""
        try:
            told = await self.upkeep.tell_results(code)
            if self._telling.get(code) is asyncio.current_task():
                self._told[code] = told
        except KitError:
            await asyncio.sleep(TELL_AGAIN_SECONDS)
        finally:
            if self._telling.get(code) is asyncio.current_task():
                del self._telling[code]

    def has_open_session(self) -> bool:
        """Whether phones are expected: some session is not closed, or open once more."""
        return any(session["stage"] != CLOSED for session in self._read(list_sessions))

    def recount(self, code: str) -> None:
        """Compute the room's results anew at the next look: answers came in beside the phones."""
        self._results.pop(code, None)
        self._told.pop(code, None)
        self._telling.pop(code, None)

    def _forget(self, code: str) -> None:
        """Drop what is kept in memory of a session whose people are deleted."""
        self.live.forget(code)
        self.arrivals.forget(code)
        self.remotes.forget(code)
        self.recount(code)
        self._identities = OrderedDict((key, who) for key, who in self._identities.items() if key[0] != code)
