"""The login cookie, and kernels that are asked for all at once."""

from __future__ import annotations

import re
import socket
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from tornado.web import HTTPError
from traitlets import TraitError

from kit.notebook.kernels import MOST, Keeper
from kit.notebook.login import cookie_settings


def login_cookie(laptop: Any, **headers: str) -> httpx.Response:
    return httpx.get(laptop.ticket_url, trust_env=False, headers=headers)


def test_the_cookie_is_of_this_site_this_port_and_this_run_of_the_browser(laptop: Any) -> None:
    told = login_cookie(laptop).headers["set-cookie"]
    assert told.startswith(f"kit-{laptop.port}-")
    assert "SameSite=Strict" in told
    assert "HttpOnly" in told
    assert "expires" not in told.lower()
    assert "max-age" not in told.lower()


def test_a_later_start_has_another_cookie() -> None:
    assert cookie_settings(8888)["cookie_name"] != cookie_settings(8888)["cookie_name"]


def test_whoever_comes_from_a_file_is_led_on_by_this_server_itself(laptop: Any) -> None:
    reply = login_cookie(laptop, **{"Sec-Fetch-Site": "cross-site", "Accept": "text/html"})
    assert reply.status_code == 200
    assert 'url=/kit"' in reply.text
    assert "set-cookie" in reply.headers


def test_a_picture_on_another_site_logs_nobody_out(laptop: Any, owner: httpx.Client) -> None:
    reply = owner.get("/logout", follow_redirects=False)
    assert "set-cookie" not in reply.headers
    assert owner.get("/kit", follow_redirects=False).status_code == 200


def test_the_login_page_tells_the_way_in_again(laptop: Any) -> None:
    page = httpx.get(f"{laptop.url}/login", trust_env=False).text
    assert "open.html" in page
    assert 'href="/kit"' in page


def test_kernels_asked_for_at_once_stay_below_the_cap() -> None:
    kernels = SimpleNamespace(list_kernel_ids=list, kernel_model=dict)
    keeper = Keeper()
    for _ in range(MOST):
        keeper.limit(kernels)
    with pytest.raises(HTTPError):
        keeper.limit(kernels)


def test_kernels_that_are_just_starting_keep_nobody_out_below_the_cap() -> None:
    def tell(name: str) -> dict[str, Any]:
        raise TraitError("The 'last_activity' trait expected a datetime, not the NoneType None.")

    starting = [f"kernel-{number}" for number in range(MOST - 1)]
    kernels = SimpleNamespace(list_kernel_ids=lambda: starting, kernel_model=tell)
    keeper = Keeper()
    keeper.limit(kernels)
    with pytest.raises(HTTPError):
        keeper.limit(kernels)
    assert keeper.end_alone(kernels, 0.0) == 0, "a page that is just being made is not taken away"


def test_a_kernel_that_has_come_takes_no_second_place() -> None:
    running: list[str] = []
    kernels = SimpleNamespace(
        list_kernel_ids=lambda: list(running), kernel_model=lambda name: {"connections": 1}
    )
    keeper = Keeper()
    for number in range(MOST):
        keeper.limit(kernels)
        running.append(f"kernel-{number}")
    with pytest.raises(HTTPError):
        keeper.limit(kernels)
    running.pop()
    keeper.limit(kernels)


def test_a_kernel_that_came_and_ended_between_two_looks_holds_no_place() -> None:
    kernels = SimpleNamespace(list_kernel_ids=list, kernel_model=dict)
    keeper = Keeper()
    for number in range(2 * MOST):
        keeper.limit(kernels)
        keeper.gone(f"kernel-{number}")
    for _ in range(MOST):
        keeper.limit(kernels)
    with pytest.raises(HTTPError):
        keeper.limit(kernels)


def test_a_page_reloaded_again_and_again_is_always_there(laptop: Any, owner: httpx.Client) -> None:
    page = f"{laptop.url}/voila/render/session_residents.ipynb"
    for _ in range(MOST + 2):
        reply = owner.get(page)
        assert reply.status_code == 200
        found = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', reply.text)
        assert found
        # What a page says when it is left.
        token = {"X-XSRFToken": owner.cookies.get("_xsrf") or ""}
        assert owner.post(f"{laptop.url}/voila/api/shutdown/{found[1]}", headers=token).status_code == 204


def test_jupyter_listens_on_this_machine_only(laptop: Any) -> None:
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", laptop.port), timeout=2)
