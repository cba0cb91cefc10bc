"""A page takes the kernel that is ready; where there is none, it gets one of its own."""

from __future__ import annotations

import re
from types import SimpleNamespace

import httpx
import psutil
import pytest

from kit.config import child_environment, take_on
from kit.notebook.kernels import ALONE_SECONDS, Keeper
from tests.notebook.conftest import Laptop
from tests.session.traces import wait_for


def kernel_id(page: httpx.Response) -> str:
    """The kernel of a page."""
    assert page.status_code == 200
    found = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', page.text)
    assert found is not None
    return found[1]


def is_kernel(process: psutil.Process, name: str) -> bool:
    return name in " ".join(process.cmdline())


def test_a_page_takes_the_spare_kernel_and_the_next_gets_ready(laptop: Laptop, owner: httpx.Client) -> None:
    wait_for(lambda: len(laptop.kernels()) == 1)
    (spare,) = laptop.kernels()
    page = owner.get("/voila/render/session_students.ipynb?name=a%27b%22c")
    assert is_kernel(spare, kernel_id(page))
    assert "no use" not in laptop.log.read_text()
    assert "QUERY_STRING" not in spare.environ(), "it was started for nobody"
    wait_for(lambda: len(laptop.kernels()) == 2)
    (dead,) = set(laptop.kernels()) - {spare}
    dead.kill()
    dead.wait(10)
    own = kernel_id(owner.get("/voila/render/guide.ipynb"))
    wait_for(lambda: any(is_kernel(one, own) for one in laptop.kernels()))
    # While no spare one is there: at once after the last was taken.
    another = kernel_id(owner.get("/voila/render/guide.ipynb"))
    assert another != own
    wait_for(lambda: len(laptop.kernels()) == 4)


class Kernels:
    """A page's kernel and the spare one, neither with a page."""

    spare = SimpleNamespace(kernel_id="spare")

    def list_kernel_ids(self) -> list[str]:
        return ["spare", "page"]

    def kernel_model(self, name: str) -> dict[str, int]:
        return {"connections": 0}


def test_the_spare_kernel_takes_no_place_of_a_page_and_is_not_ended_as_alone() -> None:
    keeper = Keeper()
    for _ in range(4):
        keeper.limit(Kernels())
    assert keeper.end_alone(Kernels(), ALONE_SECONDS) == 0
    assert set(keeper._alone) == {"page"}


def test_a_kernel_takes_on_the_surroundings_of_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUERY_STRING", "")
    take_on({"QUERY_STRING": "a='b\"c"})
    assert child_environment()["QUERY_STRING"] == "a='b\"c"
