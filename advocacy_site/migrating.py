"""Migrations that would hold up the site: found before they begin, on the database itself.

What takes a lock for as long as a table is large is fine while the table is small. So this asks
the database how large it is, instead of forbidding kinds of operations (as linters of migration
files must, which know no table).
"""

import re
from contextlib import contextmanager

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import connection
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, AlterField, RunSQL
from django.db.models import ForeignKey, GeneratedField

# A lock for less than a second, as measured by nobody's patience.
MOST_ROWS = 50_000
# Any number will do that nobody else uses.
LOCK = 7_305_218

SLOW_SQL = re.compile(
    r"create\s+(unique\s+)?index\s+(?!concurrently)|alter\s+column\s+\S+\s+(set\s+data\s+)?type"
    r"|set\s+not\s+null|add\s+constraint(?!.*not\s+valid)|cluster|vacuum\s+full",
    re.IGNORECASE | re.DOTALL,
)


def long_locks(plan, state) -> list[str]:
    """Sentences about the operations of ``plan`` that lock a large table while they work.

    ``state`` is the project's before the plan; it is changed.
    """
    found = []
    for migration, is_backwards in plan:
        if is_backwards:
            return found
        for operation in migration.operations:
            for table, advice in slow_parts(operation, migration.app_label, state):
                if is_large(table):
                    found.append(f"{migration}: {operation.describe()} locks {table}. {advice}")
            operation.state_forwards(migration.app_label, state)
    return found


def slow_parts(operation, app: str, state):
    """The tables an operation may lock for long, and what to do instead."""
    if isinstance(operation, RunSQL):
        sql = str(operation.sql)
        if SLOW_SQL.search(sql):
            words = set(re.findall(r"\w+", sql))
            for table in connection.introspection.table_names():
                if table in words:
                    yield table, "Work CONCURRENTLY or NOT VALID, or row by row."
        return
    name = getattr(operation, "model_name", None)
    if name is None or (app, name.lower()) not in state.models:
        return
    model = state.apps.get_model(app, name)
    if advice := advice_on(operation, model):
        yield model._meta.db_table, advice


def advice_on(operation, model) -> str:
    match operation:
        case AddIndexConcurrently() | AddConstraintNotValid():
            return ""
        case AddIndex():
            return "Use AddIndexConcurrently."
        case AddConstraint():
            return "Use AddConstraintNotValid, and ValidateConstraint in a migration after it."
        case AddField(field=GeneratedField()):
            return "It writes every row anew: add a plain column and fill it in steps."
        case AddField(field=field) if (
            field.db_index or field.unique or isinstance(field, ForeignKey)
        ):
            return "Add the column without an index, then the index with AddIndexConcurrently."
        case AlterField(name=name, field=field):
            before = model._meta.get_field(name)
            if field.db_type(connection) != before.db_type(connection):
                return "It writes every row anew: add a new column and fill it in steps."
            if before.null and not field.null:
                return "Add a NOT VALID constraint, validate it, and then change the field."
            if (field.db_index and not before.db_index) or (field.unique and not before.unique):
                return "Use AddIndexConcurrently."
    return ""


def is_large(table: str) -> bool:
    """By Postgres' own estimate, or where it has none yet, by looking."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = to_regclass(%s)", [table])
        row = cursor.fetchone()
        if row is None:
            return False
        if row[0] >= 0:
            return row[0] > MOST_ROWS
        name = connection.ops.quote_name(table)
        cursor.execute(f"SELECT count(*) FROM (SELECT FROM {name} LIMIT {MOST_ROWS + 1}) AS few")  # noqa: S608
        return cursor.fetchone()[0] > MOST_ROWS


@contextmanager
def alone(wait):
    """Only one migration runs on a database; ``wait`` is called while another one does."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if cursor.fetchone()[0]:
                break
            wait()
    try:
        yield
    finally:
        if connection.connection and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
