"""The panel: mechanical guessers that know nothing of the subject, let loose on the offers of the forms.

Somebody who learnt only the pattern of our offers must do no better than a coin. Each guesser reads one
outward trait; `run_panel` counts how often it is right, form by form and over all forms of one hall.
"""

from __future__ import annotations

from kit.quiz.panel.run import Row, panel_offers, run_panel

__all__ = ["Row", "panel_offers", "run_panel"]
