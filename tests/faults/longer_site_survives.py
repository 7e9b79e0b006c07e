"""A worker or the database of the running site is killed: what people see, and what is lost.

Run by ``make faults`` only: on a busy machine the site takes minutes to be furnished.
"""

import os
import signal
import time

import psycopg2
import pytest

from tests.bench.site import FORM
from tests.faults.house import KEPT_PAGES, UNKEPT_PAGE, Crowd
from tests.processes import wait_until

pytestmark = pytest.mark.xdist_group("faults")
COMMENT = "text=Words+that+took+me+%3Can%3E+hour."


def is_stale(answer) -> bool:
    status, _, headers = answer
    assert status == 200
    return (
        headers["Cache-Status"] == "harbor; hit; detail=stale"
        and headers["Cache-Control"] == "no-store"
    )


def test_a_killed_web_worker_is_replaced_and_no_reader_sees_it(house):
    with Crowd(house, [*KEPT_PAGES, UNKEPT_PAGE]) as crowd:
        victim, _ = house.workers()
        victim.send_signal(signal.SIGKILL)
        took = house.wait_until_whole({victim.pid})
        crowd.go_on(30)
    print(f"web worker killed: two again after {took:.1f} s; {crowd.figures()}")
    assert set(crowd.answers) == {200}
    assert crowd.acknowledged and crowd.lost() == 0


def test_without_a_database_kept_pages_are_read_and_it_is_well_again_by_itself(house):
    workers = {worker.pid for worker in house.workers()}
    with Crowd(house, KEPT_PAGES) as crowd:
        house.postgres._postmaster().kill()
        told = wait_until(lambda: not house.is_ready(), 30, "it was never said")
        assert house.get("/health/live")[0] == 200
        for path in KEPT_PAGES:
            wait_until(lambda p=path: is_stale(house.get(p)), 10, f"{path} has no mark")
        status, page, _ = house.send(
            "POST", "/articles/tired-is-not-lazy/conversation/", FORM, COMMENT
        )
        assert status == 503
        assert b"Nothing was sent." in page
        assert b"Words that took me &lt;an&gt; hour." in page
        crowd.go_on(30)
        house.postgres.ensure_running()
        well = wait_until(house.is_ready, 60, "it was never well again")
        fresh = wait_until(
            lambda: all("Cache-Status" not in house.get("/")[2] for _ in range(8)),
            60,
            "it goes on showing old pages",
        )
        acknowledged = len(crowd.acknowledged)
        wait_until(lambda: len(crowd.acknowledged) > acknowledged, 60, "no signup is taken")
    print(
        f"Postgres killed: ready said so after {told:.2f} s; well {well:.2f} s and fresh"
        f" {well + fresh:.2f} s after Postgres was; {crowd.figures()}"
    )
    assert set(crowd.answers) == {200}
    assert set(crowd.forms) == {200, 503}
    assert crowd.lost() == 0
    assert {worker.pid for worker in house.workers()} == workers


def test_a_restart_of_postgres_is_no_error_for_readers(house):
    """Pages that are never kept too: a GET is tried once more."""
    with Crowd(house, [*KEPT_PAGES, UNKEPT_PAGE]) as crowd:
        began = time.monotonic()
        house.postgres._stop()
        house.postgres.ensure_running()
        away = time.monotonic() - began
        acknowledged = len(crowd.acknowledged)
        crowd.go_on(30)
        wait_until(lambda: len(crowd.acknowledged) > acknowledged, 60, "no signup is taken")
    print(f"Postgres restarted, away for {away:.1f} s; {crowd.figures()}")
    assert set(crowd.answers) == {200}
    assert crowd.lost() == 0


def test_connections_taken_by_others_take_no_kept_page_away(house):
    """The site keeps the connections it has. A thread of it that had none yet says so."""
    taken = []
    with Crowd(house, [*KEPT_PAGES, UNKEPT_PAGE]) as crowd:
        try:
            with pytest.raises(psycopg2.OperationalError, match=r"too many|slots"):
                while True:
                    taken.append(psycopg2.connect(house.url))
            crowd.go_on(100)
            during = dict(crowd.answers), dict(crowd.forms)
        finally:
            for connection in taken:
                connection.close()
        well = wait_until(lambda: all(house.is_ready() for _ in range(8)), 60, "never well again")
        crowd.go_on(30)
    print(
        f"{len(taken)} connections taken by others; meanwhile pages {during[0]}, signups"
        f" {during[1]}; all well {well:.1f} s after; {crowd.figures()}"
    )
    assert set(crowd.answers) <= {200, 503}
    assert set(crowd.failed) <= {UNKEPT_PAGE}
    assert crowd.lost() == 0


def test_new_workers_under_load_fail_no_request(house):
    """SIGHUP: granian starts each new worker before it ends the old one. A connection that the
    old one had not yet taken is cut; a reader's browser asks again."""
    old = {worker.pid for worker in house.workers()}
    with Crowd(house, [*KEPT_PAGES, UNKEPT_PAGE]) as crowd:
        os.kill(house.server.process.pid, signal.SIGHUP)
        took = house.wait_until_whole(old)
        crowd.go_on(30)
    print(f"two new workers after {took:.1f} s; {crowd.figures()}")
    assert set(crowd.answers) == {200}
    assert crowd.lost() == 0
