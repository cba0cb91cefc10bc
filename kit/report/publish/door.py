"""The one door through which everything passes that is meant for the public."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Final, TypeVar

from kit.report.publish.findings import Findings
from kit.report.publish.register import Register
from kit.report.sections.base import Note

UNCHECKED: Final = "releases_unknown"
"""The note of a report that could not be compared with earlier ones."""

F = TypeVar("F", bound=Findings)


def publish(findings: F, register: Register | None = None) -> F:
    """Compare a draft for the public with every earlier report, keep it in the register, and let it pass.

    What comes back may be rendered and carries a random mark, never a function of the data; internal reports
    and published ones come back as they are. Where the register cannot be used the report says so. The
    register is that of the results folder unless one is given. Raises SourceFault where this
    report and earlier ones together would show a few people.
    """
    if not findings.is_draft:
        return findings
    if findings.release is None:
        # It tells nothing of anybody, so nothing can be worked out from it.
        return replace(findings, fingerprint=secrets.token_hex(8), published=True)
    kept_in = register or Register.of_this_office()
    comparable = kept_in.check(findings.release)
    mark = kept_in.keep(findings.release)
    if comparable and mark:
        return replace(findings, fingerprint=mark, published=True)
    figures = replace(findings.figures, notes=(*findings.figures.notes, Note(UNCHECKED)))
    return replace(findings, fingerprint=secrets.token_hex(8), figures=figures, published=True)
