"""Secrets of the private folder: kept, made where there is none, refused in one sentence where odd."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kit.addresses import phone_address
from kit.config import Settings, ensure_code_key, ensure_control_token, settings, write_private
from kit.errors import BadRequest, Unavailable
from kit.office import Office, read_office
from kit.session.client import running_url

ODD: dict[str, Callable[[Path], object]] = {
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "short": lambda path: path.write_text("a"),
    "long": lambda path: path.write_text("a" * 100_000),
    "a folder": lambda path: path.mkdir(),
    "a link to nowhere": lambda path: path.symlink_to(path.parent / "nowhere"),
}
if hasattr(os, "mkfifo"):
    ODD["a pipe"] = lambda path: os.mkfifo(path)
SECRETS: dict[str, Callable[[Settings], str | bytes]] = {
    "control-token": ensure_control_token,
    "code-key": ensure_code_key,
}


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    found = replace(settings(), results=tmp_path, store=f"sqlite:///{tmp_path / 'kit.db'}", control_token="")
    found.private.mkdir()
    return found


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_kept_and_one_whose_writing_was_cut_off_is_made_anew(name: str, chosen: Settings) -> None:
    (chosen.private / name).write_text("")
    made = SECRETS[name](chosen)
    assert len(made) >= 32
    assert SECRETS[name](chosen) == made
    assert (chosen.private / name).stat().st_mode & 0o077 == 0


def test_a_link_in_the_place_of_a_private_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("own")
    (tmp_path / "service.json").symlink_to(tmp_path / "letter")
    write_private(tmp_path / "service.json", "{}")
    assert (tmp_path / "letter").read_text() == "own"
    assert (tmp_path / "service.json").read_text() == "{}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letter", "service.json"]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", SECRETS)
def test_what_is_no_secret_is_refused_in_one_sentence_and_stays(
    name: str, odd: str, chosen: Settings
) -> None:
    ODD[odd](chosen.private / name)
    with pytest.raises(Unavailable) as refusal:
        SECRETS[name](chosen)
    assert refusal.value.key == "secret_odd"
    assert os.path.lexists(chosen.private / name)


def _without_end(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(5_000_000_000)


STRANGE: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: path.write_bytes(b""),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "no signs": lambda path: path.write_bytes(b"\0" * 10),
    "nested": lambda path: path.write_text("[" * 100_000),
    "torn": lambda path: path.write_text('{"name": "Kantor'),
    "a list": lambda path: path.write_text("[]"),
    "a number": lambda path: path.write_text("7"),
    "null": lambda path: path.write_text("null"),
    "a word": lambda path: path.write_text('"x"'),
    "half a letter": lambda path: path.write_text('{"name": "\\ud800", "url": "\\ud800", "pid": 1}'),
    "without end": _without_end,
    "a folder": lambda path: path.mkdir(),
}
if hasattr(os, "mkfifo"):
    STRANGE["a pipe"] = os.mkfifo


@pytest.mark.parametrize("odd", STRANGE)
def test_an_odd_private_file_is_as_if_it_were_not_there(odd: str, chosen: Settings) -> None:
    expected = phone_address(chosen.private)
    for name in ("office.json", "service.json", "address"):
        STRANGE[odd](chosen.private / name)
    assert read_office(chosen) == Office(contact=chosen.office_contact)
    assert running_url(chosen) == ""
    assert phone_address(chosen.private) == expected


@pytest.mark.parametrize(
    "odd", sorted(STRANGE.keys() - {"nothing", "a folder", "a pipe"} | {"an odd key", "an odd value"})
)
def test_odd_settings_are_refused_in_one_sentence_that_names_the_file(
    odd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "kit.toml"
    more = {
        "an odd key": lambda path: path.write_text('prot = "8000"'),
        "an odd value": lambda path: path.write_text("port = []"),
    }
    (STRANGE | more)[odd](file)
    with pytest.raises(BadRequest) as refusal:
        settings()
    assert str(file) in refusal.value.title("id")
