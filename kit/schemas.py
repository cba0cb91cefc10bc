"""jsonschema without a detour of a second: imported first, wherever a library is about to load jsonschema.

It builds a grammar of internationalised addresses (`rfc3987_syntax`) if that happens to be installed, as it
is beside Jupyter. Nothing here has such an address to check, and jsonschema does without.
"""

from __future__ import annotations

import sys
from importlib import import_module

if "jsonschema" not in sys.modules and "rfc3987_syntax" not in sys.modules:
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        import_module("jsonschema")
    finally:
        del sys.modules["rfc3987_syntax"]
