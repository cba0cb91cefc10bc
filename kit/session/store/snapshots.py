"""The quizzes of sessions, parsed once and kept for the sessions in use."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

from kit.quiz.model import Quiz, quiz_from_dict


class Snapshot(NamedTuple):
    """The quiz of a session as the store keeps it: its JSON and the sha256 of it."""

    session_id: str
    sha256: str
    quiz: str


class Snapshots:
    """Parsed snapshots by session; the least recently used go first. Safe to share between threads.

    A snapshot never changes, so nothing here can be out of date. Sessions of one quiz share one parsed
    copy, and a listing of many sessions makes as much room as it needs: the next one parses nothing.
    """

    LEAST: Final = 64
    MOST: Final = 4_096

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._room = self.LEAST
        self._kept: OrderedDict[str, tuple[Quiz, ...]] = OrderedDict()
        self._parsed: WeakValueDictionary[str, Quiz] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._kept)

    def quizzes(
        self, session_ids: Sequence[str], read: Callable[[list[str]], Iterable[Snapshot]]
    ) -> dict[str, tuple[Quiz, ...]]:
        """The quizzes of some sessions; `read` is asked for the snapshots of those not kept, in order."""
        with self._lock:
            found = {one: self._kept[one] for one in session_ids if one in self._kept}
            for session_id in found:
                self._kept.move_to_end(session_id)
        missing = [session_id for session_id in session_ids if session_id not in found]
        if missing:
            # Read and parsed without the lock: a slow database must not halt the other threads.
            parsed = self._parse(missing, read(missing))
            self._keep(parsed, at_once=len(session_ids))
            found |= parsed
        return found

    def forget(self, session_id: str) -> None:
        """Drop the quizzes of a deleted session."""
        with self._lock:
            self._kept.pop(session_id, None)

    def _parse(self, session_ids: list[str], snapshots: Iterable[Snapshot]) -> dict[str, tuple[Quiz, ...]]:
        quizzes: dict[str, list[Quiz]] = {session_id: [] for session_id in session_ids}
        for snapshot in snapshots:
            with self._lock:
                quiz = self._parsed.get(snapshot.sha256)
            if quiz is None:
                quiz = quiz_from_dict(json.loads(snapshot.quiz))
                with self._lock:
                    # Another thread may have been quicker: then all go on with its copy.
                    quiz = self._parsed.setdefault(snapshot.sha256, quiz)
            quizzes[snapshot.session_id].append(quiz)
        return {session_id: tuple(found) for session_id, found in quizzes.items()}

    def _keep(self, parsed: dict[str, tuple[Quiz, ...]], at_once: int) -> None:
        with self._lock:
            self._room = min(max(self._room, at_once), self.MOST)
            for session_id, quizzes in parsed.items():
                self._kept[session_id] = quizzes
                self._kept.move_to_end(session_id)
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)
