"""Altair without a detour that costs two seconds.

Altair loads jsonschema, which builds a grammar of internationalised addresses (`rfc3987_syntax`) if that
happens to be installed, as it is beside Jupyter. Charts have no such address, and jsonschema does without.
"""

from __future__ import annotations

import sys

if "rfc3987_syntax" in sys.modules or "jsonschema" in sys.modules:
    import altair
else:
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        import altair
    finally:
        del sys.modules["rfc3987_syntax"]

__all__ = ["altair"]
