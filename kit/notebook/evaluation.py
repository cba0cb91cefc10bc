"""The evaluation: choose closed sessions, read what changed, take the report away.

    from kit.notebook.evaluation import Evaluation
    Evaluation()

Everything the command line does, and pages over visits, items and planning. Analysts need no widget:
`kit.report.load("results").cube().score` is a pandas DataFrame, and each picture shows its own three lines.
"""

from __future__ import annotations

import json
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anywidget
import traitlets

from kit.bundle.faults import SourceFault
from kit.bundle.read import BundleSummary, find_bundles
from kit.bundle.told import MAX_BYTES, read_bounded
from kit.config import settings
from kit.notebook.backstage import Asked, Backstage, in_words
from kit.notebook.widget_files import script, style

if TYPE_CHECKING:
    from kit.notebook.evaluating.choice import Choice
    from kit.notebook.evaluating.dropped import Drop
    from kit.notebook.evaluating.made import Maker

FORMATS: Final = ("html", "pdf", "xlsx", "json")
SIDE_BY_SIDE: Final = 4
"""Reports beside each other; more are not read."""


class Evaluation(Backstage, anywidget.AnyWidget):
    """A list of bundles to choose from, the reports on those chosen, and pages beside them."""

    _esm = script("evaluation.js", "evaluation", "audiences")
    _css = style("widgets.css", "evaluation.css")
    language: Any = traitlets.Unicode("id").tag(sync=True)
    bundles: Any = traitlets.List().tag(sync=True)
    reports: Any = traitlets.List().tag(sync=True)
    page: Any = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    table: Any = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    busy: Any = traitlets.Bool(False).tag(sync=True)
    trouble: Any = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)

    def __init__(self, results: Path | str | None = None) -> None:
        """List the bundles of a results folder, the kit's own unless another is named."""
        Backstage.__init__(self)
        anywidget.AnyWidget.__init__(self, language=settings().language)
        self._results = Path(results) if results else settings().results
        self._found = find_bundles(self._results)
        self._one_at_a_time = threading.Lock()
        self._maker: Maker | None = None
        self._drop: Drop | None = None
        self.bundles = [_listed(one) for one in self._found]
        self.serve(self)

    def serve(self, widget: Any) -> None:
        """Be there for what the page asks; a file comes as bytes beside its request."""
        widget.on_msg(lambda _, asked, sent: self.receive(widget, asked | {"sent": [bytes(s) for s in sent]}))

    def receive(self, widget: Any, asked: Asked) -> None:
        """Take a request; once the list is drawn, load what the first report will need."""
        if asked["do"] == "hello":
            self.beside(self._warm_up, "kit-warm")
        else:
            super().receive(widget, asked)

    def answer(self, widget: Any, asked: Asked) -> None:
        """Do what was asked, one thing after the other, and show what came of it."""
        with self._one_at_a_time:
            made, error = self.attempt(asked)
        self.change(self, **(made or {}), trouble=in_words(error), busy=False)

    @property
    def maker(self) -> Maker:
        """What makes the reports; pandas and the charts are loaded with it, not before the list is drawn."""
        if self._maker is None:
            from kit.notebook.evaluating.made import Maker

            self._maker = Maker(self._results)
        return self._maker

    @property
    def drop(self) -> Drop:
        """The tables that were dropped in."""
        if self._drop is None:
            from kit.notebook.evaluating.dropped import Drop

            self._drop = Drop()
        return self._drop

    def _warm_up(self) -> None:
        with self._one_at_a_time:
            import kit.report.assemble
            import kit.report.render.page  # noqa: F401

            _ = self.maker

    def _do_reports(self, asked: Asked) -> dict[str, Any]:
        """Show the reports of some choices beside each other; those made before are not made again."""
        choices = [_choice(one) for one in asked["choices"][-SIDE_BY_SIDE:]]
        return {"reports": [self.maker.shown(choice, str(asked["language"])) for choice in choices]}

    def _do_villages(self, asked: Asked) -> dict[str, Any]:
        from kit.notebook.evaluating.pages import villages

        mine = [one for one in self._found if (one.sample if asked.get("sample") else not one.rehearsal)]
        rows = villages(self.maker, mine, str(asked["language"]))
        return {"page": {"name": "villages", "rows": rows}}

    def _do_items(self, asked: Asked) -> dict[str, Any]:
        from kit.notebook.evaluating.pages import items

        found = items(self.maker, _choice(asked["choice"]), str(asked["language"]))
        return {"page": {"name": "items", **found}}

    def _do_planning(self, asked: Asked) -> dict[str, Any]:
        from kit.notebook.evaluating.pages import CHANGES, people_for, planning

        choice = _choice(asked["choice"]) if asked.get("choice") else None
        known = planning(self.maker.report(choice) if choice else None)
        told = {name: float(asked[name]) for name in ("change", "spread", "share") if asked.get(name)}
        given = {"change": 10.0, **known, **told}
        spread, share = given["spread"], given["share"]
        rows = [[change, people_for(change, spread, share)] for change in CHANGES]
        needed = people_for(given["change"], spread, share)
        return {"page": {"name": "planning", **given, "needed": needed, "rows": rows}}

    def _do_table(self, asked: Asked) -> dict[str, Any]:
        """Read a table that was dropped in; its columns are asked for before anything is counted."""
        return {"table": self.drop.take(str(asked["name"]), asked["sent"][0])}

    def _do_match(self, asked: Asked) -> dict[str, Any]:
        most = int(asked["max_score"]) if asked.get("max_score") else None
        key, path, preview = self.drop.match(str(asked["id"]), asked["matched"], most)
        self.maker.tables[key] = (path, most)
        mine = {"matched": asked["matched"], "max_score": most, "counted": key, "preview": preview}
        return {"table": {**self.table, **mine}}

    def _do_download(self, asked: Asked) -> dict[str, Any]:
        from kit.report import render_report

        name = str(asked["format"])
        if name not in FORMATS:
            return {}
        report = self.maker.report(_choice(asked["choice"]))
        with tempfile.TemporaryDirectory() as folder:
            (written,) = render_report(report, Path(folder), (name,), language=asked["language"])
            content = written.read_bytes()
        self.in_loop(lambda: self.send({"file": written.name}, buffers=[content]))
        return {}


def _choice(told: Any) -> Choice:
    """A choice as the page or an address tells it. Raises SourceFault for one that is none."""
    from pydantic import ValidationError

    from kit.notebook.evaluating.choice import Choice

    try:
        return Choice.model_validate(told)
    except ValidationError:
        raise SourceFault("choice_bad") from None


def pairs_of(folder: Path) -> int | None:
    """How many answered before and after, as the report of a bundle says; None where it has none."""
    try:
        flow = json.loads(read_bounded(folder / "report.json", MAX_BYTES))["flow"]
        return None if flow["n_pairs"] is None else int(flow["n_pairs"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, SourceFault):
        return None


def _listed(bundle: BundleSummary) -> dict[str, Any]:
    return {
        "folder": bundle.folder.name,
        "code": bundle.code,
        "event": bundle.event,
        "site": bundle.site,
        "site_id": bundle.place.site_id,
        "held_on": bundle.held_on,
        "audiences": list(bundle.audiences),
        "joined": bundle.joined,
        "pairs": pairs_of(bundle.folder),
        "rehearsal": bundle.rehearsal,
        "sample": bundle.sample,
    }
