"""Reports: who was measured, what changed and how surely, more careful or only more suspicious.

Everything is loaded when it is first used: `import kit.report` brings in neither pandas nor Ibis.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kit.report.bundles import BundleSummary, find_bundles
    from kit.report.command import Outcome, report_bundle, run_report, write_report
    from kit.report.loaded import Loaded
    from kit.report.report import Report, render_report
    from kit.report.sources import load

__all__ = [
    "BundleSummary",
    "Loaded",
    "Outcome",
    "Report",
    "find_bundles",
    "load",
    "render_report",
    "report_bundle",
    "run_report",
    "write_report",
]

_HOMES = {
    "BundleSummary": "bundles",
    "find_bundles": "bundles",
    "load": "sources",
    "Loaded": "loaded",
    "Report": "report",
    "render_report": "report",
    "report_bundle": "command",
    "run_report": "command",
    "write_report": "command",
    "Outcome": "command",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
