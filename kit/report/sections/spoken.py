"""Numbers and dates as people read them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

from kit.report.stats.distributions import SMALLEST_P, Interval
from kit.report.stats.withholding import NO_EXTREMES_BELOW
from kit.text import message


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
    text = number(value, language, _decimals(value))
    return f"+{text}" if signed and value > 0 and text != "0" else text


def _decimals(value: float) -> int:
    """How many decimals points are printed with: one below a whole point, else none."""
    return 1 if 0.05 <= abs(value) < 0.95 else 0


def outward(low: float, high: float) -> Interval:
    """A range of points as it is printed: ends rounded away from each other, whole points from 1 on.

    Sentences, and the verdict on a target, use these ends, so that none claims more than is printed.
    """
    return _rounded(low, math.floor), _rounded(high, math.ceil)


def _rounded(value: float, towards: Callable[[float], int]) -> float:
    scale = 10.0 if abs(value) < 1.0 else 1.0
    return towards(round(value * scale, 9)) / scale


def declared(value: float, language: str) -> str:
    """A target in points out of 100 with its sign, as it was declared: it is not rounded."""
    return ("+" if value > 0 else "") + str(format_decimal(value, locale=language)).replace("-", "−")


def adds_up(pre: float, post: float, change: float, *, digits: int | None = None) -> bool:
    """Whether a difference is that of the two numbers as they are printed beside it, each rounded for itself.

    Without `digits` all three are printed as `points` of 100.
    """
    pre, post, change = (round(x, _decimals(x) if digits is None else digits) for x in (pre, post, change))
    return math.isclose(post - pre, change, abs_tol=1e-9)


def share(value: float, language: str) -> str:
    """A proportion in per cent, whole."""
    return f"{number(100 * value, language, 0)}%"


def shares(ci: Interval, language: str) -> tuple[str, str]:
    """The ends of a range of proportions in per cent, rounded outward."""
    low, high = math.floor(round(100 * ci[0], 9)), math.ceil(round(100 * ci[1], 9))
    return share(low / 100, language), share(high / 100, language)


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


def interval(ci: Interval | None, language: str, scale: float = 1.0, digits: int = 1) -> str:
    """A range in one piece, never broken over two lines: it would be misread; its ends rounded outward."""
    if ci is None:
        return "–"
    tens = 10.0**digits
    low, high = (
        number(towards(round(scale * side * tens, 9)) / tens, language, digits)
        for towards, side in zip((math.floor, math.ceil), ci, strict=True)
    )
    return message("report.to", language, low=low, high=high).replace(" ", "\u00a0")


def value(found: float | None, language: str, digits: int = 2) -> str:
    """A figure of a table, a dash where there is none."""
    return "–" if found is None else number(found, language, digits)


def counts(found: Iterable[int | None], language: str) -> tuple[str, ...]:
    """Counts of a table, a dash for those that are not told."""
    return tuple("–" if n is None else whole(n, language) for n in found)
