"""`kit quiz`: what authors do with quiz files."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from kit.config import settings

quiz_app = typer.Typer(no_args_is_help=True)


@quiz_app.callback()
def quiz() -> None:
    """Work on quiz files.

    Example: `kit quiz assemble quizzes/students.yaml`
    """


@quiz_app.command()
def assemble(
    path: Annotated[Path, typer.Argument(metavar="QUIZ", help="The quiz file.")],
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget which items the forms hold now.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the forms into the file.")] = False,
) -> None:
    """Pick the forms from the bank, balanced in cues, topics, lengths, channels, difficulty and twins.

    Example: `kit quiz assemble quizzes/students.yaml`
    """
    from kit.quiz.assemble import assemble as choose
    from kit.quiz.lint.hall import Hall
    from kit.quiz.lint.transfer import shown_settings
    from kit.quiz.read import load_quiz
    from kit.text import message

    chosen = load_quiz(path)
    forms = choose(chosen, shown=shown_settings(chosen, Hall.beside(path.parent)), fresh=fresh)
    lines = "\n".join(f"  {form}: [{', '.join(ids)}]" for form, ids in forms.items())
    print(f"forms:\n{lines}")
    moved = sum(item_id not in chosen.forms[form] for form, ids in forms.items() for item_id in ids)
    print(message("quiz.assembled", settings().language, count=moved), file=sys.stderr)
    if write and moved:
        source = path.read_text(encoding="utf-8")
        changed = re.sub(r"^forms:.*(\n[ \t].*)*", f"forms:\n{lines}", source, flags=re.MULTILINE)
        path.write_text(changed, encoding="utf-8")
