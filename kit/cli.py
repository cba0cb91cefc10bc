"""The command line: thin commands over the library."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import kit
from kit.config import settings
from kit.errors import KitError

app = typer.Typer(
    name="kit",
    help="Run awareness sessions from a notebook, and measure what they change.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"kit {kit.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address the phones' service listens on.")] = "0.0.0.0",
    port: Annotated[int, typer.Option(help="Port of the phones' service.")] = 8000,
    jupyter_port: Annotated[
        int, typer.Option(help="Port of the projector's notebooks, on this machine only.")
    ] = 8888,
    jupyter: Annotated[
        bool, typer.Option(help="Also serve the notebooks; off for servers and tests.")
    ] = True,
    browser: Annotated[bool, typer.Option(help="Open the facilitator's start page.")] = True,
    lab: Annotated[bool, typer.Option(help="Also offer JupyterLab, for authors.")] = False,
) -> None:
    """Start the service for the phones and the notebooks for the projector.

    Example: `kit serve --port 8000`
    """
    from kit.serve import supervise

    raise typer.Exit(
        supervise(
            settings(),
            host=host,
            port=port,
            jupyter_port=jupyter_port,
            jupyter=jupyter,
            browser=browser,
            lab=lab,
        )
    )


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Quiz files or folders; quizzes/ unless given.")
    ] = None,
    format: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Check quiz files: their form, and how the items are written.

    Example: `kit check quizzes/`
    """
    from kit.quiz.check import run_check

    chosen = settings()
    raise typer.Exit(run_check(paths or [chosen.quizzes], chosen.language, format))


@app.command()
def report(
    sources: Annotated[
        list[str],
        typer.Argument(help="Bundles, folders of bundles, a store URL, or CSV, XLSX, Parquet files."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write into.")] = Path("report"),
    format: Annotated[
        str, typer.Option("--format", help="Comma-separated: html, json, pdf, xlsx.")
    ] = "html,json",
    by: Annotated[str, typer.Option(help="Groups, comma-separated: site, audience, session, event.")] = "",
    target: Annotated[
        float | None,
        typer.Option(help="Change to reach, in points out of 100; the sessions' own target unless given."),
    ] = None,
    max_score: Annotated[
        int | None,
        typer.Option(help="Full marks in number of right items, for a table of totals."),
    ] = None,
    rescore: Annotated[
        list[str] | None,
        typer.Option(
            help="Corrected quiz file: its sessions are scored anew from the stored choices; repeatable."
        ),
    ] = None,
    audience_of_report: Annotated[
        str,
        typer.Option(help="public or internal: groups of fewer than 10 people, or 5, are not shown."),
    ] = "internal",
    compare: Annotated[
        list[str] | None, typer.Option(help="Name of a site that serves as comparison group; repeatable.")
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the report: id or en.")] = "id",
) -> None:
    """Write the before/after report of bundles, a store, or tables of scores.

    Example: `kit report results/2026-11-23-kebon-kosong-K7M4QX -o out --format html,json`
    """
    from kit.report.command import run_report

    raise typer.Exit(
        run_report(
            sources,
            out,
            formats=format,
            by=by,
            target=target,
            max_score=max_score,
            rescore=rescore or [],
            audience_of_report=audience_of_report,
            compare=compare or [],
            language=language,
        )
    )


@app.command()
def rehearse(
    phones: Annotated[int, typer.Option(min=1, max=5000, help="How many simulated phones take part.")] = 40,
    live: Annotated[str, typer.Option(help="Join code of a session that a facilitator is running.")] = "",
    quiz: Annotated[
        list[str] | None, typer.Option(help="Quizzes to rehearse; students unless given.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same simulated people.")] = 1,
    keep: Annotated[
        bool, typer.Option(help="Keep the rehearsal; otherwise it can be deleted with kit delete.")
    ] = True,
) -> None:
    """Run a whole session with simulated phones over real HTTP.

    Example: `kit rehearse --phones 40`
    """
    from kit.session.rehearsal import run_rehearsal

    raise typer.Exit(
        run_rehearsal(
            settings(), phones=phones, live=live, quizzes=quiz or ["students"], seed=seed, keep=keep
        )
    )


@app.command()
def delete(
    code: Annotated[str, typer.Argument(help="Join code of the session.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a session for good: rows, bundle and backups. Prints a receipt.

    Example: `kit delete K7M4QX`
    """
    import json

    from kit.text import message

    language = settings().language
    if not yes:
        typer.confirm(message("cli.delete_question", language, code=code), abort=True)
    with kit.connect() as control:
        typer.echo(json.dumps(control.delete(code), ensure_ascii=False, indent=1))


def main() -> None:
    """Run a command; a refusal is one sentence on standard error and exit status 1."""
    try:
        app()
    except KitError as error:
        typer.echo(error.render(settings().language), err=True)
        sys.exit(1)
