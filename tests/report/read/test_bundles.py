"""A real session leaves a bundle; two villages of one name stay two sites all the way to the report."""

from __future__ import annotations

import json
from typing import Any

from kit.report import load


def test_two_villages_of_one_name_are_two_sites_from_store_to_report(service: Any) -> None:
    folders = []
    for district in ("Cibadak", "Ciruas"):
        code = service.control.open_session(
            quizzes=["students"], site={"name": "Sukamaju", "district": district}, minors_consent=True
        )["code"]
        for _ in range(3):
            service.join(code)
        folders.append(service.results / service.control.close(code)["bundle"])
    sites = [json.loads((folder / "session.json").read_text(encoding="utf-8"))["site"] for folder in folders]
    assert len({site["site_id"] for site in sites}) == 2
    score = load(*folders).cube().score
    assert set(zip(score["site_id"], score["site"], strict=True)) == {
        (site["site_id"], f"Sukamaju ({site['district']})") for site in sites
    }
