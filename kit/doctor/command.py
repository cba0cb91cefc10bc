"""`kit doctor`: the checks at the command line."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Final

import typer

from kit.config import Settings
from kit.doctor.checks import examine

_SIGNS: Final = {"good": "✓", "warn": "!", "bad": "✗"}


def run_doctor(chosen: Settings, *, as_json: bool, port: int) -> int:
    """Print what was found; the exit status, 1 when something is bad."""
    findings = examine(chosen, port=port)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=1))
    else:
        for one in findings:
            typer.echo(" ".join(filter(None, (_SIGNS[one.status], one.words, one.remedy))))
    return int(any(one.status == "bad" for one in findings))
