"""Reports: who was measured, what changed and how surely, more careful or only more suspicious.

Everything is loaded when it is first used: `import kit.report` brings in neither pandas nor Ibis.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kit.config import one_thread_for_matrices

if TYPE_CHECKING:
    from kit.bundle.read import BundleSummary, find_bundles
    from kit.report.command import Outcome, report_bundle, run_report, write_report
    from kit.report.loaded import Loaded, load
    from kit.report.publish.register import Register
    from kit.report.report import FORMATS, Report, render_report

__all__ = [
    "FORMATS",
    "BundleSummary",
    "Loaded",
    "Outcome",
    "Register",
    "Report",
    "find_bundles",
    "load",
    "render_report",
    "report_bundle",
    "run_report",
    "write_report",
]

_HOMES = {
    "BundleSummary": "kit.bundle.read",
    "find_bundles": "kit.bundle.read",
    "load": "kit.report.loaded",
    "Loaded": "kit.report.loaded",
    "FORMATS": "kit.report.report",
    "Register": "kit.report.publish.register",
    "Report": "kit.report.report",
    "render_report": "kit.report.report",
    "report_bundle": "kit.report.command",
    "run_report": "kit.report.command",
    "write_report": "kit.report.command",
    "Outcome": "kit.report.command",
}


one_thread_for_matrices()


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value
