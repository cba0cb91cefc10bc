"""The service with a wrong clock: `CLOCK_OFFSET=FILE python -m tests.bench.clocked …`.

The file holds the seconds by which the clock is wrong, and may be written anew at any moment. As on a laptop
whose clock is set, the machine's own count of seconds goes on undisturbed.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kit.session.server import main
from kit.session.store import clock

OFFSET = Path(os.environ["CLOCK_OFFSET"])


def wrong_time() -> str:
    """The time as the store keeps it, as wrong as the file says."""
    return clock.stamp(datetime.now(UTC) + timedelta(seconds=float(OFFSET.read_text())))


if __name__ == "__main__":
    clock.now = wrong_time
    sys.exit(main())
