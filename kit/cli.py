"""The command line: thin commands over the library."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import kit
from kit.config import settings, spoken_language
from kit.errors import KitError
from kit.quiz.commands import quiz_app

app = typer.Typer(
    name="kit",
    help="Run awareness sessions from a notebook, and measure what they change.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.add_typer(quiz_app, name="quiz")


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
    host: Annotated[
        str | None, typer.Option(help="Address the phones' service listens on; 0.0.0.0 unless set.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port of the phones' service; 8000 unless set.")] = None,
    jupyter_port: Annotated[
        int | None,
        typer.Option(help="Port of the projector's notebooks, on this machine only; 8888 unless set."),
    ] = None,
    jupyter: Annotated[
        bool, typer.Option(help="Also serve the notebooks; off for servers and tests.")
    ] = True,
    browser: Annotated[bool, typer.Option(help="Open the facilitator's start page.")] = True,
    lab: Annotated[bool, typer.Option(help="Also offer JupyterLab, for authors.")] = False,
) -> None:
    """Start the service for the phones and the notebooks for the projector.

    In a folder that is no workspace yet, notebooks, quizzes and settings are laid out first.

    Example: `kit serve --port 8000`
    """
    from kit.serve import supervise
    from kit.workspace.commands import lay_out_here

    if jupyter:
        lay_out_here()
    chosen = settings()
    raise typer.Exit(
        supervise(
            chosen,
            host=chosen.host if host is None else host,
            port=chosen.port if port is None else port,
            jupyter_port=chosen.jupyter_port if jupyter_port is None else jupyter_port,
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
    panel: Annotated[bool, typer.Option("--panel", help="Print how every guesser did.")] = False,
) -> None:
    """Check quiz files: their form, how the items are written, and what guessing without knowledge gains.

    Example: `kit check quizzes/`
    """
    from kit.quiz.check import run_check

    chosen = settings()
    raise typer.Exit(run_check(paths or [chosen.quizzes], chosen.language, format, panel=panel))


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
    engine: Annotated[
        str, typer.Option(help="What counts the rows: duckdb, postgresql://…, or sc://host:port (Spark).")
    ] = "duckdb",
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
            engine=engine,
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
    from kit.session.rehearsal.conduct import run_rehearsal

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
    from kit.session.client import service_for_command

    with service_for_command(settings()) as control:
        typer.echo(json.dumps(control.delete(code), ensure_ascii=False, indent=1))


@app.command()
def booster(
    session: Annotated[str, typer.Argument(metavar="CODE", help="Join code of the session, or its bundle.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write into.")] = Path("booster"),
) -> None:
    """Write a session's boosters: offers to forward in the weeks after it, as pictures and texts.

    Example: `kit booster K7M4QX -o booster`
    """
    from kit.booster.command import write_boosters

    for path in write_boosters(session, settings(), out):
        typer.echo(str(path))


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Folder to lay out; made where it does not exist.")],
) -> None:
    """Make a workspace: notebooks, quizzes, results and settings to work with. Overwrites nothing.

    Example: `kit new desa-binaan`
    """
    from kit.workspace.commands import run_new

    raise typer.Exit(run_new(folder))


@app.command()
def upgrade(
    write: Annotated[
        bool, typer.Option("--write", help="Do it; files that you changed are left as they are.")
    ] = False,
) -> None:
    """Show which notebooks and quizzes of this workspace a newer kit would change.

    Example: `kit upgrade --write`
    """
    from kit.workspace.commands import run_upgrade

    raise typer.Exit(run_upgrade(write=write))


@app.command()
def pack(
    folder: Annotated[Path, typer.Argument(help="Folder to fill, such as that of a USB stick.")],
    platform: Annotated[str, typer.Option(help="Whom the stick is for: windows, macos or linux.")],
    python: Annotated[str, typer.Option(help="Version of Python, such as 3.11; this one unless given.")] = "",
) -> None:
    """Fill a stick from which the kit installs and starts by a double click: no network, no rights needed.

    Example: `kit pack E:/ --platform windows`
    """
    from kit.pack.command import run_pack

    raise typer.Exit(run_pack(folder, platform, python))


@app.command("print")
def print_(
    code: Annotated[str, typer.Argument(help="Join code of the session.")],
    sheets: Annotated[int, typer.Option(min=1, max=1000, help="How many people get a packet.")] = 30,
    large: Annotated[bool, typer.Option("--large", help="Booklets in large print.")] = False,
    audience: Annotated[
        str, typer.Option(help="For whom, where a session has several audiences; its first unless given.")
    ] = "",
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write into.")] = Path("paper"),
) -> None:
    """Print booklets, packets of answer sheets and slips with personal codes.

    Example: `kit print K7M4QX --sheets 120 -o paper`
    """
    from kit.paper.command import print_packets

    language = settings().language
    with kit.connect() as control:
        print_packets(control, code, sheets, out, large=large, audience=audience, language=language)


@app.command()
def scan(
    code: Annotated[str, typer.Argument(help="Join code of the session.")],
    files: Annotated[list[Path], typer.Argument(help="Photos (JPEG, PNG, HEIC, TIFF) and scanned PDFs.")],
    format: Annotated[str, typer.Option("--format", help="text or json, a line a sheet.")] = "text",
) -> None:
    """Read photos and scans of answer sheets into a session.

    Example: `kit scan K7M4QX photos/*.jpg`
    """
    from kit.paper.command import scan_files

    with kit.connect() as control:
        scan_files(control, code, files, as_json=format == "json", language=settings().language)


@app.command()
def doctor(
    format: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    port: Annotated[int, typer.Option(help="Port that the phones' service is to use.")] = 8000,
) -> None:
    """Check this laptop before a session: addresses, port, clock, disk, battery. Exit 1 if something is bad.

    Example: `kit doctor --format json`
    """
    from kit.doctor.command import run_doctor

    raise typer.Exit(run_doctor(settings(), as_json=format == "json", port=port))


def main() -> None:
    """Run a command; a refusal is one sentence on standard error and exit status 1."""
    try:
        app()
    except KitError as error:
        typer.echo(error.render(spoken_language()), err=True)
        sys.exit(1)
