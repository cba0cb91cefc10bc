"""What an office fills in once: its name, its contact, and the Wi-Fi that phones use.

It lies in a private file of the results folder, because a Wi-Fi password is among it. `office_contact` of the
settings stands where nothing was filled in.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final

from kit.config import Settings, private_folder, read_small, write_private
from kit.errors import BadRequest
from kit.text import plain_text

MAX_NAME: Final = 200
MAX_SSID: Final = 32
"""Bytes, by the standard (IEEE 802.11)."""
PASSWORD: Final = range(8, 64)
"""Letters of a WPA password, by the same standard; none is an open network."""
_FILE: Final = "office.json"


@dataclass(frozen=True)
class Office:
    """The office and its Wi-Fi; what is empty is not known."""

    name: str = ""
    contact: str = ""
    wifi: str = ""
    wifi_password: str = ""


def read_office(chosen: Settings) -> Office:
    """What was filled in; a file that cannot be read tells nothing."""
    try:
        told = json.loads(read_small(chosen.private / _FILE))
        kept = Office(**{name: str(told.get(name, "")) for name in asdict(Office())})
        # Half a letter (a lone surrogate) could be sent to nobody.
        "".join(asdict(kept).values()).encode()
    except (OSError, ValueError, AttributeError, RecursionError):
        kept = Office()
    return kept if kept.contact else Office(kept.name, chosen.office_contact, kept.wifi, kept.wifi_password)


def keep_office(chosen: Settings, office: Office) -> Office:
    """Keep what was filled in, as it is kept then. Raises BadRequest, and Unavailable for a full disk."""
    name, contact, wifi = (_line(text) for text in (office.name, office.contact, office.wifi))
    for field, text in (("name", name), ("contact", contact)):
        if len(text) > MAX_NAME:
            raise BadRequest("text_long", name=field, limit=MAX_NAME)
    if len(wifi.encode()) > MAX_SSID:
        raise BadRequest("wifi_name", most=MAX_SSID)
    password = plain_text(office.wifi_password)
    if password and len(password) not in PASSWORD:
        raise BadRequest("wifi_password", least=PASSWORD.start, most=PASSWORD.stop - 1)
    kept = Office(name, contact, wifi, password if wifi else "")
    private_folder(chosen)
    write_private(chosen.private / _FILE, json.dumps(asdict(kept), ensure_ascii=False))
    return kept


def _line(text: str) -> str:
    return " ".join(plain_text(text).split())
