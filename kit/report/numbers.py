"""Numbers and dates as people read them."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

from kit.report.disclosure import NO_EXTREMES_BELOW
from kit.report.stats.distributions import SMALLEST_P


def number(value: float, language: str, digits: int = 1) -> str:
    """A number with a fixed number of decimals; a minus sign, not a hyphen."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    text = format_decimal(round(value, digits) + 0.0, format=pattern, locale=language)
    return str(text).replace("-", "−")


def whole(value: float, language: str) -> str:
    """A count with separators."""
    return number(value, language, 0)


def points(value: float, language: str, *, signed: bool = False) -> str:
    """Points out of 100, whole from 1 on: 17, 0.4, and with a sign where asked."""
    digits = 1 if 0.05 <= abs(value) < 0.95 else 0
    text = number(value, language, digits)
    return f"+{text}" if signed and value > 0 and text != "0" else text


def share(value: float, language: str) -> str:
    """A proportion in per cent, whole."""
    return f"{number(100 * value, language, 0)}%"


def guarded_share(value: float | None, n: int, language: str) -> str:
    """A proportion out of 100; of fewer than 20 people never everybody or nobody."""
    if value is None:
        return "–"
    if n < NO_EXTREMES_BELOW and value >= 1.0:
        return "≥ 90"
    if n < NO_EXTREMES_BELOW and value <= 0.0:
        return "≤ 10"
    return number(100 * value, language, 0)


def p_value(value: float | None, language: str) -> str:
    """A p-value: three decimals, never 0."""
    if value is None:
        return "–"
    if value <= SMALLEST_P or value < 0.001:
        return "<\u00a0" + number(0.001, language, 3)
    return number(value, language, 3)


def long_date(value: str, language: str) -> str:
    """2026-11-23 as 23 November 2026; anything that is no date as it stands."""
    try:
        return str(format_date(date.fromisoformat(value), format="d MMMM y", locale=language))
    except ValueError:
        return value


def date_range(first: str, last: str, language: str) -> str:
    """Two dates as one: 10-15 November 2026, or in full when the months differ."""
    if first == last:
        return long_date(first, language)
    start, end = long_date(first, language), long_date(last, language)
    if first[:7] == last[:7]:
        start = start.split(" ")[0]
    elif first[:4] == last[:4]:
        start = start.rpartition(" ")[0]
    return f"{start}–{end}" if " " not in start else f"{start} – {end}"
