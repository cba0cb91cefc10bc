"""Programs that a service starts, begun at once: forked from one process that has imported what they need.

A service starts a program of its own for each closed session (`python -m kit.closing`), and that one imports
the libraries of a report, which takes three times as long as the report. A service of the tests calls another
interpreter instead: a small one that hands its arguments, surroundings and open files to the process here,
which forks a program from itself. Everything else is as it is for people: a process of its own, with its
output, its status and its end. Those who start a service as people do (`kit serve`) get the real interpreter.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

INTERPRETER = "TESTS_INTERPRETER"
"""A variable with the path of the interpreter that a forked service takes for its own programs."""
MODULES = (
    "babel.dates",
    "babel.numbers",
    "concurrent.futures.thread",
    "fontTools.subset",
    "fontTools.ttLib.tables.otTables",
    "fontTools.varLib",
    "ibis.backends.duckdb.converter",
    "ibis.expr.types.groupby",
    "ibis.formats.pandas",
    "jinja2",
    "kit.bundle.read",
    "kit.bundle.strip",
    "kit.bundle.write",
    "kit.session.acts.close",
    "kit.session.acts.view",
    "kit.session.store.store",
    "markdown_it",
    "nh3",
    "narwhals._interchange.dataframe",
    "openpyxl",
    "pandas",
    "pandas.core.arrays.arrow.extension_types",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "pydantic.dataclasses",
    "scipy.stats",
    "typst",
    "vl_convert",
    "xlsxwriter",
    "zoneinfo",
)
"""What the programs need beside all modules of the report."""


@functools.cache
def interpreter() -> str:
    """The path of this worker's other interpreter: it takes `-m module arguments`."""
    folder = Path(tempfile.mkdtemp(prefix="kit-warm-"))
    door, path = str(folder / "door"), folder / "python"
    call = shlex.join([sys.executable, "-ISE", str(Path(__file__).resolve()), door])
    path.write_text(f'#!/bin/sh\nexec {call} "$@"\n')
    path.chmod(0o700)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(door)
    listening.listen(64)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.warm", str(listening.fileno())],
        cwd=Path(__file__).resolve().parents[1],
        pass_fds=[listening.fileno()],
        stdin=subprocess.PIPE,
    )
    listening.close()

    def end() -> None:
        process.communicate()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    return str(path)


def call(door: str, arguments: list[str]) -> int:
    """Be the program that was called, as far as its caller can see: its output, its status, its end."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(door)
        socket.send_fds(line, [b"."], [0, 1, 2])
        asked = {"arguments": arguments, "environment": dict(os.environ), "folder": os.getcwd()}
        line.sendall(json.dumps(asked).encode() + b"\n")
        said = line.makefile().readline()
    status = int(said or 1)
    if status < 0:
        os.kill(os.getpid(), -status)
    return status


def serve(listening: socket.socket) -> NoReturn:
    """Fork a program for each call, until this worker's tests are over."""
    ready = False
    while True:
        asking, _, _ = select.select([listening, sys.stdin], [], [])
        if sys.stdin in asking:
            os._exit(0)
        line, _ = listening.accept()
        if not ready:
            _import_all()
            ready = True
        if not os.fork():
            listening.close()
            _attend(line)
        line.close()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _attend(line: socket.socket) -> NoReturn:
    """Start the program, tell its status, and end it where its caller has ended."""
    _, files, _, _ = socket.recv_fds(line, 1, 3)
    asked = json.loads(line.makefile().readline())
    rouse, roused = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(rouse)
        line.close()
        _become(files, asked)
    os.close(roused)  # the program holds the other end until it ends
    for file in files:
        os.close(file)
    ended, _, _ = select.select([rouse, line], [], [])
    if rouse not in ended:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(OSError):
        line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(files: list[int], asked: dict[str, Any]) -> NoReturn:
    """Be the program. Whatever it says or leaves at its end is as ever; only its memory is not tidied up."""
    import runpy
    import threading
    import time
    import traceback

    for target, source in enumerate(files):
        os.dup2(source, target)
        os.close(source)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    option, module, *arguments = asked["arguments"]
    assert option == "-m"
    sys.argv = [module, *arguments]
    sys.path[0] = asked["folder"]
    status = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if status != end.code and status:
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        status = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _import_all() -> None:
    """What `kit.closing` imports, at its start or later; nothing of it starts a thread."""
    import gc
    import pkgutil
    from importlib import import_module

    import kit.report
    from kit.report.charts.altair_import import unchecked

    with unchecked():  # Altair is loaded as the report does it
        pass
    inside = (found.name for found in pkgutil.walk_packages(kit.report.__path__, "kit.report."))
    for name in (*inside, *MODULES):
        import_module(name)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    if len(sys.argv) > 2 or not sys.argv[1].isdigit():
        sys.exit(call(sys.argv[1], sys.argv[2:]))
    serve(socket.socket(fileno=int(sys.argv[1])))
