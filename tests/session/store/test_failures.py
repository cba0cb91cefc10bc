"""What real failures of real databases are told as."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from kit.errors import KitError, NotFound
from kit.session.store.failures import is_away, is_passing, refusal_of


def failure(url: str, *statements: str) -> Exception:
    """What the last of these statements fails with."""
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))
    except Exception as error:
        return error
    finally:
        engine.dispose()
    raise AssertionError("nothing has failed")


def test_a_full_disk_and_a_store_that_is_only_read_have_their_own_sentences(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kit.db'}"
    full = failure(
        url, "PRAGMA max_page_count = 2", "CREATE TABLE a (b)", "INSERT INTO a VALUES (zeroblob(90000))"
    )
    locked = failure(url, "PRAGMA query_only = 1", "CREATE TABLE c (d)")
    assert [refusal_of(error).key for error in (full, locked)] == ["disk_full", "store_read_only"]
    assert not is_passing(full)


def test_other_failures_of_the_store_tell_nothing_of_it(tmp_path: Path) -> None:
    away = failure(f"sqlite:///{tmp_path / 'none' / 'kit.db'}", "SELECT 1")
    assert refusal_of(away).key == refusal_of(OSError("/home/officer")).key == "store_failed"
    assert is_away(away)
    assert "none" not in refusal_of(away).render("en")
    assert refusal_of(ZeroDivisionError("secret")).key == "unexpected"
    assert not is_away(ZeroDivisionError())


def test_a_refusal_of_the_kit_stays_what_it_is() -> None:
    refused = NotFound("session_not_found", code="ABC234")
    assert refusal_of(refused) is refused
    assert isinstance(refused, KitError)


@pytest.mark.postgres
def test_two_replicas_that_write_the_same_are_only_in_each_others_way(new_database: str) -> None:
    twice = failure(new_database, "CREATE TABLE a (b int PRIMARY KEY)", "INSERT INTO a VALUES (1), (1)")
    assert is_passing(twice)
    assert not is_away(twice)
    slow = failure(new_database, "SET statement_timeout = 1", "SELECT pg_sleep(5)")
    assert not is_passing(slow)
    assert is_away(slow)
