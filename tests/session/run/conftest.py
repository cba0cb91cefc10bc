"""A service with one session open."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def held(service: Any) -> tuple[Any, str]:
    """A service and the join code of its session."""
    return service, service.open_session()
