"""The evaluation: choose closed sessions, read what changed, take the report away.

    from kit.notebook.evaluation import Evaluation
    Evaluation()

Analysts need no widget: `kit.report.load("../results").cube().score` is a pandas DataFrame.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import anywidget
import traitlets

import kit.report
from kit.config import settings
from kit.errors import KitError
from kit.notebook.modules import HERE, script, style
from kit.notebook.words import words
from kit.text import LANGUAGES, message

FORMATS: Final = ("html", "pdf", "xlsx", "json")
SHOWN_TABLES: Final = ("items", "groups", "flow", "score")
_SUMMARY: Final = (
    "flags",
    "title",
    "place",
    "target",
    "change",
    "verdict",
    "verdict_mark",
    "verdict_text",
    "pair",
    "counted",
    "understood",
    "wrong",
    "next_steps",
    "unknown",
    "fingerprint",
    "date",
)


class Evaluation(anywidget.AnyWidget):
    """A list of bundles to choose from and the report on the chosen ones."""

    _esm = script(HERE / "evaluation.js")
    _css = style("station.css")
    words: Any = traitlets.Dict().tag(sync=True)
    language: Any = traitlets.Unicode("id").tag(sync=True)
    bundles: Any = traitlets.List().tag(sync=True)
    report: Any = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    busy: Any = traitlets.Bool(False).tag(sync=True)
    trouble: Any = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)

    def __init__(self, results: Path | str | None = None) -> None:
        """List the bundles of a results folder, the kit's own unless another is named."""
        super().__init__(words=words("evaluation", "station", "start"), language=settings().language)
        self._results = Path(results) if results else settings().results
        self._report: Any = None
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        self.bundles = [_listed(one) for one in kit.report.find_bundles(self._results)]
        self.on_msg(lambda _widget, asked, _buffers: self._answer(asked))

    def _answer(self, asked: dict[str, Any]) -> None:
        self.busy, self.trouble = True, None
        threading.Thread(target=self._do, args=(asked,), daemon=True).start()

    def _do(self, asked: dict[str, Any]) -> None:
        values: dict[str, Any] = {"trouble": None}
        try:
            values |= getattr(self, f"_do_{asked['do']}")(asked)
        except KitError as error:
            values["trouble"] = {
                language: [error.title(language), error.remedy(language)] for language in LANGUAGES
            }
        except Exception as error:  # a defect in a chart must not leave "Menghitung…" on the screen
            values["trouble"] = _unknown(error)
        self._in_loop(lambda: self._apply(values))

    def _do_report(self, asked: dict[str, Any]) -> dict[str, Any]:
        folders = [self._results / str(name) for name in asked["folders"]]
        chosen = kit.report.load(*folders)
        self._report = chosen.report(language=asked["language"])
        return {"report": show_report(self._report, str(asked["language"]))}

    def _do_download(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = str(asked["format"])
        if name not in FORMATS or self._report is None:
            return {}
        with tempfile.TemporaryDirectory() as folder:
            written = kit.report.render_report(
                self._report, Path(folder), (name,), language=asked["language"]
            )
            content = written[0].read_bytes()
        self._in_loop(lambda: self.send({"file": written[0].name}, buffers=[content]))
        return {}

    def _apply(self, values: dict[str, Any]) -> None:
        with self.hold_sync():
            for name, value in values.items():
                setattr(self, name, value)
            self.busy = False

    def _in_loop(self, act: Callable[[], None]) -> None:
        if self._loop is None:
            act()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)


def show_report(report: Any, language: str) -> dict[str, Any]:
    """Return what the page shows of a report: its words, charts and tables."""
    summary, tables = report.summary(language), report.tables(language)
    return {
        "summary": {name: getattr(summary, name) for name in _SUMMARY},
        "charts": [asdict(chart) for chart in report.charts(language).values()],
        "tables": [asdict(tables[name]) for name in SHOWN_TABLES if name in tables],
    }


def _listed(bundle: kit.report.BundleSummary) -> dict[str, Any]:
    return {
        "folder": bundle.folder.name,
        "code": bundle.code,
        "event": bundle.event,
        "site": bundle.site,
        "held_on": bundle.held_on,
        "audiences": list(bundle.audiences),
        "joined": bundle.joined,
        "finished": bundle.finished_post,
        "rehearsal": bundle.rehearsal,
    }


def _unknown(error: Exception) -> dict[str, list[str]]:
    path = "notebook.station.error.unknown"
    return {
        language: [message(path, language, what=type(error).__name__), message(f"{path}_remedy", language)]
        for language in LANGUAGES
    }
