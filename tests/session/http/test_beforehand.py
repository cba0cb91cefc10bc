"""Before a session: what the office fills in, and the phone that is tried out."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kit.session.client import Refused

FILLED = {
    "name": "Kantor Imigrasi Contoh",
    "contact": "021 000",
    "wifi": "Balai Desa",
    "wifi_password": "rahasia-88",
}


def test_what_the_office_fills_in_is_kept_and_reaches_phones(service: Any) -> None:
    code = service.open_session()
    phone = service.phone()
    assert phone.get(f"/api/sessions/{code}").json()["office_contact"] is None
    assert service.control.fill_office(**FILLED) == FILLED
    assert phone.get(f"/api/sessions/{code}").json()["office_contact"] == "021 000"
    kept = service.results / ".kit" / "office.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    service.restart(kill=True)
    assert service.control.office() == FILLED
    told = phone.get(f"/api/sessions/{code}").text
    assert "021 000" in told
    assert "rahasia" not in told
    assert service.control.fill_office(name="X")["wifi_password"] == "", "what is left out is emptied"


@pytest.mark.parametrize(
    ("filled", "fault"),
    [({"wifi": "é" * 17}, "wifi_name"), ({"wifi": "W", "wifi_password": "short"}, "wifi_password")],
)
def test_a_wifi_that_cannot_be_is_refused(service: Any, filled: dict[str, str], fault: str) -> None:
    with pytest.raises(Refused) as refused:
        service.control.fill_office(**filled)
    assert refused.value.problem["code"] == fault


def test_the_first_phone_is_reported_with_its_clock(service: Any) -> None:
    assert service.control.trial(begin=True) == {"phones": 0, "first_at": None, "clock_ahead": None}
    phone = service.phone()
    assert "trial.js" in phone.get("/coba").text
    ahead = datetime.now(UTC) + timedelta(hours=3)
    for clock in (ahead, datetime.now(UTC)):
        assert phone.post("/api/trial", json={"clock": clock.isoformat()}).json() == {"reached": True}
    told = service.control.trial()
    assert told["phones"] == 2
    assert told["first_at"] is not None
    assert round(told["clock_ahead"] / 3600) == 3
    assert phone.post("/api/trial", json={"clock": "soon"}).status_code == 422
    assert service.control.trial(begin=True)["phones"] == 0
