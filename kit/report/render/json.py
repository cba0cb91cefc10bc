"""The report as `report.json`: numbers, codes, and the verdicts in words."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from kit.report.publish.findings import Findings
from kit.report.sections import SECTIONS
from kit.report.sections.base import Figures, Part, as_written, note_text


def written_parts(figures: Figures) -> list[type[Part]]:
    """The kinds of figures that are written, in the order of the sections."""
    kinds = (kind for section in SECTIONS for kind in section.parts)
    return [kind for kind in kinds if kind.written and kind.key in figures.parts]


def as_dict(findings: Findings, language: str) -> dict[str, Any]:
    """`report.json` as a dictionary."""
    figures = findings.figures
    return {
        "kit": findings.kit,
        "fingerprint": findings.fingerprint,
        "generated_at": findings.generated_at.isoformat(timespec="seconds"),
        "sources": list(figures.sources),
        "notes": [
            {"code": note.code, "text": note_text(note, language), "about": list(note.about)}
            for note in figures.notes
        ],
        "options": as_written(asdict(figures.options), language),
        "sessions": [as_written(asdict(session), language) for session in figures.sessions],
        **{kind.key: as_written(figures.parts[kind.key], language) for kind in written_parts(figures)},
    }


def render_json(findings: Findings, language: str) -> str:
    """`report.json` as text; Raises ValueError rather than write NaN or infinity."""
    findings.refuse_draft()
    return json.dumps(as_dict(findings, language), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
