"""A copy of everything that is kept: the database and the media files, and the proof of it.

A backup is a folder: ``database.dump`` (pg_dump's own format), ``media.tar``, and
``manifest.json`` with the count and checksum of every table, taken in the very moment of the
dump, and the checksum of every file. The keys of the site (SECRET_KEY, VOTE_KEY) are not in it.
"""

import hashlib
from pathlib import Path

from django.db import connection

DUMP, MEDIA, MANIFEST = "database.dump", "media.tar", "manifest.json"


class BackupError(Exception):
    """One sentence for the operator."""


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# One row of text a row, whatever the server's version and language. Generated columns are left
# out: another version may make them otherwise.
STEADY = """
SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres';
SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1
"""
COLUMNS = """
SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY c.relname ORDER BY c.relname
"""
# A sum does not mind the order of the rows.
SUM = """
SELECT count(*), coalesce(sum(('x' || left(md5(ROW({columns})::text), 15))::bit(60)::bigint), 0)
FROM {table}
"""


def sums() -> dict[str, list]:
    """``{"polls_poll": [rows, "checksum"]}``, seen by the transaction that is open now."""
    with connection.cursor() as cursor:
        cursor.execute(STEADY)
        cursor.execute(COLUMNS)
        found = {}
        for table, columns in cursor.fetchall():
            name = connection.ops.quote_name(table)
            cursor.execute(SUM.format(columns=columns, table=name))
            rows, checksum = cursor.fetchone()
            found[table] = [rows, str(checksum)]
    return found
