"""What waits for a lock in this test's own database: others of the server are other tests."""

from django.db import connection

OURS = "pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())"


def count_waiting() -> int:
    with connection.cursor() as cursor:
        # Postgres shows a transaction the same activity until its end: who came later is not there.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(f"SELECT count(*) FROM pg_locks WHERE NOT granted AND {OURS}")
        return cursor.fetchone()[0]


def count_advisory() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND {OURS}")
        return cursor.fetchone()[0]
