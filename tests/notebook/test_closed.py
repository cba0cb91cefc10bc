"""Jupyter as the kit runs it: on this laptop only, no shell, no files, no token in sight."""

from __future__ import annotations

import json
import socket
import stat
import time
import uuid
from pathlib import Path

import httpx
import psutil
import pytest
from tornado.httpclient import HTTPRequest
from tornado.ioloop import IOLoop
from tornado.websocket import websocket_connect

from kit.addresses import phone_address
from kit.notebook.jupyter import jupyter_folder, open_file
from kit.notebook.kernels import MAKING_SECONDS, MOST
from tests.notebook.conftest import Laptop

pytestmark = pytest.mark.notebook
TRAVERSALS = [
    "../session_students.ipynb",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "....//....//etc/passwd",
    "..%5c..%5cetc%5cpasswd",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "..;/etc/passwd",
    "%252e%252e%252fetc%252fpasswd",
]
STATIC_ROUTES = [
    "/voila/files/{}",
    "/voila/static/{}",
    "/voila/templates/kit/static/{}",
    "/voila/labextensions/{}",
    "/static/{}",
    "/kit/assets/{}",
    "/kit/reports/{}/report.html",
    "/kit/reports/x/{}",
    "/kit/notes/{}",
    "/files/{}",
    "/voila/render/{}",
]


def test_everything_asks_for_a_login(visitor: httpx.Client) -> None:
    for path in (
        "/kit",
        "/voila/render/session_students.ipynb",
        "/kit/notes/session_students.ipynb",
        "/voila/tree",
    ):
        answer = visitor.get(path)
        assert answer.status_code == 302, path
        assert answer.headers["location"].startswith("/login"), path
    for path in ("/api/kernels", "/api/contents", "/api/sessions", "/api/kernelspecs"):
        assert visitor.get(path).status_code == 403, path


def test_phones_cannot_reach_jupyter(laptop: Laptop) -> None:
    address = phone_address()
    assert not address.startswith("127.")
    with socket.socket() as probe:
        probe.settimeout(2)
        assert probe.connect_ex((address, laptop.port)) != 0


def test_another_name_for_this_laptop_is_refused(visitor: httpx.Client) -> None:
    assert visitor.get("/login", headers={"Host": "evil.example:8888"}).status_code == 403


@pytest.mark.parametrize("name", ["rahasia.png", "catatan.txt", "kunci.svg", "daftar.csv"])
def test_files_beside_notebooks_stay_private(
    laptop: Laptop, owner: httpx.Client, visitor: httpx.Client, name: str
) -> None:
    (laptop.settings.notebooks / name).write_text("rahasia")
    for client in (visitor, owner):
        for path in (f"/voila/files/{name}", f"/files/{name}", f"/view/{name}", f"/voila/render/{name}"):
            answer = client.get(path, follow_redirects=False)
            assert answer.status_code in (302, 403, 404, 500), path
            assert "rahasia" not in answer.text


@pytest.mark.parametrize("route", STATIC_ROUTES)
def test_no_route_climbs_out_of_its_folder(owner: httpx.Client, route: str) -> None:
    for tricky in TRAVERSALS:
        answer = owner.get(route.format(tricky))
        assert "root:" not in answer.text, tricky
        assert '"cells"' not in answer.text, tricky


def test_a_signed_in_browser_is_no_shell(laptop: Laptop, owner: httpx.Client) -> None:
    page = owner.get("/kit")
    token = {"X-XSRFToken": owner.cookies["_xsrf"]}
    assert page.status_code == 200
    refused = [
        ("GET", "/api/contents"),
        ("GET", "/api/contents/session_students.ipynb"),
        ("PUT", "/api/contents/x.ipynb"),
        ("POST", "/api/contents"),
        ("DELETE", "/api/contents/session_students.ipynb"),
        ("POST", "/api/kernels"),
        ("POST", "/api/sessions"),
        ("POST", "/api/shutdown"),
        ("PUT", "/api/config/notebook"),
        ("GET", "/nbconvert/html/guide.ipynb"),
    ]
    for method, path in refused:
        assert owner.request(method, path, headers=token, json={}).status_code == 403, path
    for path in ("/lab", "/terminals/1", "/api/terminals", "/tree", "/lab/api/settings", "/lsp/status"):
        assert owner.get(path).status_code == 404, path
    assert (laptop.settings.notebooks / "session_students.ipynb").exists()


def test_code_sent_to_a_kernel_is_not_run(laptop: Laptop, owner: httpx.Client, tmp_path: Path) -> None:
    page = owner.get("/voila/render/self_paced.ipynb").text
    kernel = json.loads(
        page.split('id="jupyter-config-data" type="application/json">')[1].split("</script>")[0]
    )["kernelId"]
    made = tmp_path / "made"
    cookie = "; ".join(f"{name}={value}" for name, value in owner.cookies.items())

    async def talk() -> list[str]:
        request = HTTPRequest(
            f"ws://127.0.0.1:{laptop.port}/api/kernels/{kernel}/channels", headers={"Cookie": cookie}
        )
        channel = await websocket_connect(request)
        for kind, content in (
            ("execute_request", {"code": f"open({str(made)!r}, 'w')", "silent": False}),
            ("comm_info_request", {}),
        ):
            header = {
                "msg_id": uuid.uuid4().hex,
                "msg_type": kind,
                "username": "",
                "session": "s",
                "version": "5.3",
            }
            message = {
                "header": header,
                "parent_header": {},
                "metadata": {},
                "content": content,
                "channel": "shell",
            }
            await channel.write_message(json.dumps(message))
        seen: list[str] = []
        while "comm_info_reply" not in seen:
            answer = await channel.read_message()
            assert isinstance(answer, str)
            seen.append(json.loads(answer)["msg_type"])
        channel.close()
        return seen

    seen = IOLoop(make_current=False).run_sync(talk, timeout=30)
    assert "execute_reply" not in seen
    assert not made.exists()


def test_the_stock_template_cannot_be_asked_for(owner: httpx.Client) -> None:
    page = owner.get("/voila/render/self_paced.ipynb?template=lab&theme=dark").text
    assert "jsdelivr" not in page
    assert "cdnjs" not in page
    assert 'class="deck' in page


def test_the_ticket_works_once_and_the_page_address_is_clean(laptop: Laptop) -> None:
    ticket = laptop.ticket_url
    with httpx.Client(trust_env=False, follow_redirects=True) as first:
        entered = first.get(ticket)
        assert str(entered.url) == f"{laptop.url}/kit"
        assert entered.status_code == 200
    with httpx.Client(trust_env=False, follow_redirects=True) as second:
        assert second.get(ticket).url.path == "/login"
    assert laptop.ticket_url != ticket


def test_no_secret_is_where_others_can_see_it(laptop: Laptop, owner: httpx.Client) -> None:
    runtime = jupyter_folder(laptop.settings) / "runtime"
    token = json.loads(next(runtime.glob("jpserver-*.json")).read_text())["token"]
    secrets = [token, laptop.settings.control_token, laptop.ticket_url.split("=")[1]]
    seen = [laptop.log.read_text(), owner.get("/kit").text, owner.get("/voila/render/self_paced.ipynb").text]
    processes = [
        psutil.Process(laptop.process.pid),
        *psutil.Process(laptop.process.pid).children(recursive=True),
    ]
    seen += [" ".join(process.cmdline()) for process in processes]
    for secret in secrets:
        assert [text for text in seen if secret in text] == []
    assert stat.S_IMODE(open_file(laptop.settings).stat().st_mode) == 0o600
    assert stat.S_IMODE(laptop.settings.private.stat().st_mode) == 0o700
    for path in runtime.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_configuration_of_the_machine_is_not_read(laptop: Laptop) -> None:
    assert "no_browser_open_file" not in laptop.log.read_text()
    assert not list((jupyter_folder(laptop.settings) / "runtime").glob("*-open.html"))


def test_too_many_pages_are_refused_in_words_and_room_is_made_again(
    laptop: Laptop, owner: httpx.Client
) -> None:
    started = time.monotonic()
    opened = 0
    while (refused := owner.get("/voila/render/guide.ipynb")).status_code == 200:
        opened += 1
    assert 0 < opened <= MOST
    assert len(laptop.kernels()) <= MOST + 1, "those of the pages, and the spare one"
    assert time.monotonic() - started < MAKING_SECONDS, "too slow for this test to say anything"
    assert refused.status_code == 503
    assert "Terlalu banyak halaman terbuka" in refused.text
    # None of these pages was ever connected: after a while they give way.
    while (answer := owner.get("/voila/render/guide.ipynb")).status_code == 503:
        assert time.monotonic() - started < 3 * MAKING_SECONDS
        time.sleep(1)
    assert answer.status_code == 200


def test_error_pages_speak_plainly(owner: httpx.Client) -> None:
    missing = owner.get("/voila/render/tidak-ada.ipynb")
    assert missing.status_code == 404
    assert "Halaman ini tidak ada." in missing.text
    assert "Ini tidak dibuka di kit." in owner.get("/nbconvert/html/guide.ipynb").text
