"""One thread of each server process hears from the database what readers' pages may no longer show.

It is believed only while the channel is whole: a beat of its own comes back through the very
same channel twice a second. When the connection ends it is not believed from that moment on;
when it falls silent, after two seconds. Whenever a new connection is made, all that was learned
before is void, because something may have been said meanwhile.
"""

import logging
import secrets
import select
import threading
import time

import psycopg2

from .watched_tables import CHANNEL, unwatched

logger = logging.getLogger("harbor.reader_cache")

BEAT_SECONDS = 0.5
SILENT_SECONDS = 2
TRY_AGAIN_SECONDS = 0.1
# More tags than this and all are forgotten, so that the list does not grow for ever.
MOST_TAGS = 20_000


class Hearing:
    """``count`` grows with everything heard; ``changed`` holds it for each tag's last change.

    Tags: ``t`` any row of table t; ``t:17`` rows with that key; ``t:`` rows of every key.
    """

    def __init__(self, connect):
        self.connect = connect
        self.count = 0
        self.changed: dict[str, int] = {}
        self.void_before = 0
        self.down_since: float | None = None
        self._heard_at = 0.0
        self._beat = f"beat:{secrets.token_hex(8)}"
        self._thread = None
        self._is_ending = False
        self._starting = threading.Lock()

    def start(self) -> None:
        """Safe to repeat; after a fork the child needs a thread of its own."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="hearing", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        self._is_ending = True
        if self._thread is not None:
            self._thread.join(5)

    def is_whole(self) -> bool:
        return time.monotonic() - self._heard_at < SILENT_SECONDS

    def is_unchanged(self, tags, since: int) -> bool:
        """Tell whether nothing about ``tags`` was heard after ``since``, a value of ``count``."""
        if since < self.void_before:
            return False
        changed = self.changed
        return all(changed.get(tag, 0) <= since for tag in tags)

    def hear(self, message: str) -> None:
        if message.startswith("beat:"):
            if message == self._beat:
                self._heard_at = time.monotonic()
            return
        table, _, key = message.partition(":")
        now = self.count + 1
        if len(self.changed) > MOST_TAGS:
            self.changed, self.void_before = {}, now
        self.changed[table] = now
        self.changed[f"{table}:{key}"] = now  # without a key this is "rows of every key"
        self.count = now  # last: who began before it has to look again

    def forget_everything(self) -> None:
        self.void_before = self.count = self.count + 1

    def _listen(self) -> None:
        while not self._is_ending:
            try:
                connection = self.connect()
            except psycopg2.Error as error:
                if "slots" in str(error) or "too many" in str(error):
                    self.forget_everything()  # it answers others, who may change things
                elif self.down_since is None:
                    self.down_since = time.monotonic()
                time.sleep(TRY_AGAIN_SECONDS)
                continue
            try:
                self._hear_on(connection)
            except psycopg2.Error:
                time.sleep(0.01)  # lost; whether the database is down, the next try tells
            except Exception:
                logger.exception("hearing from the database stopped; trying again")
                time.sleep(1)

    def _hear_on(self, connection) -> None:
        try:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(f"LISTEN {CHANNEL}")
            self.forget_everything()
            self.down_since = None
            if missing := unwatched(cursor):
                logger.warning("no triggers on %s: run manage.py migrate", ", ".join(missing))
                time.sleep(5)
                return
            beat_at = 0.0
            while not self._is_ending:
                connection.poll()
                while connection.notifies:
                    self.hear(connection.notifies.pop(0).payload)
                left = beat_at + BEAT_SECONDS - time.monotonic()
                if left <= 0:
                    beat_at = time.monotonic()
                    cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, self._beat])
                    continue
                woken, _, _ = select.select([connection], [], [], left)
                connection.poll()
                if woken and not connection.notifies:
                    beat_at = 0.0  # woken without a word: the connection may have ended
        finally:
            self._heard_at = 0.0
            connection.close()


def connect_as_django():
    """A connection of our own with Django's settings; no one else's transaction is in the way."""
    from django.db import connections

    settings = connections["default"].get_connection_params()
    known = ("dbname", "user", "password", "host", "port", "options", "connect_timeout", "sslmode",
             "sslrootcert", "sslcert", "sslkey")  # fmt: skip
    return psycopg2.connect(
        **{name: settings[name] for name in known if name in settings},
        application_name="reader pages",
        tcp_user_timeout=SILENT_SECONDS * 1000,
    )


# What this process hears.
ours = Hearing(connect_as_django)
