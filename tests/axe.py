"""axe, put into a document once: its half a megabyte is read again only where another document has come."""

from __future__ import annotations

from functools import cache

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe as Whole
from playwright.sync_api import Page

_OPTIONS = {"resultTypes": ["violations"]}


@cache
def _script() -> str:
    return str(Whole().axe_script)


class Axe:
    """As `axe_playwright_python` has it: `Axe().run(page)` looks at all that the page shows."""

    def run(self, page: Page) -> AxeResults:
        """Look for what keeps people out."""
        if not page.evaluate("'axe' in window"):
            page.evaluate(_script())
        return AxeResults(page.evaluate("options => axe.run(options)", _OPTIONS))
