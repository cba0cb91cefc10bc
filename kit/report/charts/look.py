"""One look for all charts: ink, paper, accent, type, and the step from Altair to a self-contained SVG."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from typing import Any, Final

from kit.report.charts.altair_import import alt
from kit.report.charts.fonts import FAMILY, register_with_charts

INK: Final = "#14213d"
PAPER: Final = "#ffffff"
MUTED: Final = "#47506a"
LINE: Final = "#c5cbd8"
SOFT: Final = "#e4e8f0"
ACCENT: Final = "#0b5cad"
WARM: Final = "#b3261e"
FONT: Final = f"{FAMILY}, Liberation Sans, Arial, Helvetica, sans-serif"
# In an attribute a name that holds a number stands in quotes, or none of the list counts.
_QUOTED: Final = FONT.replace(FAMILY, f"'{FAMILY}'")
SIZE: Final = 13
WIDTH: Final = 560
ROW: Final = 26
SIGNED: Final = "datum.value > 0 ? '+' + datum.label : datum.label"
"""Axis labels with a plus sign for gains."""


_TAG: Final = re.compile(r'<(?:[^<>"]|"[^"]*")*>')
_EMPTY: Final = re.compile(
    r'<path class="(?:fore|back)ground"[^>]*(?:display="none"|d="M0,0h0v0h0Z"[^>]*)/>', re.DOTALL
)
_IDLE: Final = re.compile(
    r' (?:(?:aria-[a-z]+|role|class|pointer-events|font-family)="[^"]*"'
    r'|opacity="1"|stroke-opacity="1"|x2="0"|y2="0"|stroke-width="1"|stroke="")'
)


@dataclass(frozen=True)
class Drawing:
    """What a section wants drawn: an Altair chart, a name for its parts, its title, and it in words."""

    layers: Any
    name: str
    title: str
    alt: str


@dataclass(frozen=True)
class Chart:
    """A finished chart: SVG markup, its title, and what it shows in words."""

    svg: str
    title: str
    alt: str

    @property
    def width(self) -> float:
        """Natural width in pixels."""
        found = re.search(r'width="([\d.]+)"', self.svg)
        return float(found.group(1)) if found else float(WIDTH)

    @property
    def letters(self) -> str:
        """All that is written in the picture."""
        return unescape(_TAG.sub("", self.svg))

    def alone(self, faces: str) -> str:
        """The SVG as an image of its own, with the rules of its letters, for it takes none from its page."""
        head, end, rest = self.svg.partition(">")
        return f"{head}{end}<style>{faces}</style>{rest}"


CONFIG: Final[dict[str, Any]] = {
    "font": FONT,
    "background": PAPER,
    "padding": 4,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": SIZE,
        "titleFontSize": SIZE,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": MUTED,
        "domainColor": LINE,
        "tickColor": LINE,
        "gridColor": SOFT,
        "labelLimit": 420,
        "titlePadding": 8,
    },
    "legend": {"labelFontSize": SIZE, "titleFontSize": SIZE, "labelColor": INK, "symbolSize": 120},
    "text": {"fontSize": SIZE, "color": INK},
}


def values(rows: list[dict[str, Any]]) -> Any:
    """Rows as inline data."""
    return alt.InlineData(values=rows)


def hundred(title: str, **axis: Any) -> Any:
    """An axis from 0 to 100."""
    scale = alt.Scale(domain=[0, 100], nice=False)
    return {"scale": scale, "axis": alt.Axis(title=title, values=[0, 25, 50, 75, 100], **axis)}


def vega_lite(drawing: Drawing) -> dict[str, Any]:
    """The drawing as Vega-Lite, in the one look of all charts."""
    spec: dict[str, Any] = drawing.layers.to_dict(validate=False)
    return spec | {"config": CONFIG}


def finish(drawing: Drawing) -> Chart:
    """Render to SVG with a title and a description for screen readers; ids unique per chart."""
    name, title, words = drawing.name, drawing.title, drawing.alt
    svg = _picture(json.dumps(vega_lite(drawing), ensure_ascii=False))
    svg = _in_tags(lambda tag: re.sub(r'(id="|url\(#|href="#)(\w)', rf"\g<1>{name}-\g<2>", tag), svg)
    label = f'role="img" aria-label="{escape(words, quote=True)}" font-family="{_QUOTED}"'
    svg = svg.replace("<svg ", f"<svg {label} ", 1)
    inner = f"<title>{escape(title)}</title><desc>{escape(words)}</desc>"
    return Chart(re.sub(r"(<svg [^>]*>)", lambda m: m.group(1) + inner, svg, count=1), title, words)


@lru_cache(maxsize=64)
def _picture(spec: str) -> str:
    """The SVG of a Vega-Lite text; who narrows a report by hand waits only for the pictures that change."""
    # Loaded here: reports without charts are spared a JavaScript engine.
    import vl_convert

    register_with_charts()
    return _in_tags(_slim, vl_convert.vegalite_to_svg(spec, vl_version=_vega_lite_version()))


def _in_tags(change: Callable[[str], str], svg: str) -> str:
    """Change the tags of a drawing; what people wrote stands between them and is left alone."""
    return _TAG.sub(lambda tag: change(tag[0]), svg)


def _slim(tag: str) -> str:
    """Leave out what draws nothing: half of the size of a page full of charts."""
    if _EMPTY.fullmatch(tag):
        return ""
    return re.sub(r"(\d+\.\d{2})\d+", r"\1", _IDLE.sub("", tag))


def _vega_lite_version() -> str:
    """The Vega-Lite release that Altair writes, as vl-convert names it."""
    return str(alt.SCHEMA_VERSION).rsplit(".", 1)[0]
