"""Tables that readers see. The database itself says when one of them changes.

Apps name their tables in ``AppConfig.ready()``; after every ``migrate`` each has four triggers
that send a NOTIFY inside the changing transaction, so it arrives when the change is committed
and never when it is not, whoever made it: a form, a COPY, a hand on psql. What is sent:

    comments_comment:17     rows whose key is 17 changed
    articles_article        any rows may have changed
    clock                   something will happen at another time than before

No cached page is built on a table that is not watched (reader_cache).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

CHANNEL = "reader_pages"
# A statement that touches more keys than this counts as touching all of them.
MOST_KEYS = 50


@dataclass(frozen=True)
class Watched:
    """``key``: the column that tells pages apart. ``clock``: SQL for moments at which the
    pages change by themselves. ``ignoring``: columns no reader sees. ``new_rows_show``: False
    where a new row is on no page before another watched table changes too.
    """

    table: str
    pk: tuple[str, ...]
    key: str = ""
    clock: tuple[str, ...] = ()
    ignoring: tuple[str, ...] = ()
    new_rows_show: bool = True


tables: dict[str, Watched] = {}


def watch(model, **facts) -> None:
    """``watch(Comment, key="article_id")``, in AppConfig.ready()."""
    meta = model._meta
    tables[meta.db_table] = Watched(
        meta.db_table, tuple(field.column for field in meta.pk_fields), **facts
    )


def next_moment(cursor, after: datetime) -> datetime | None:
    """When readers' pages next change by the clock alone."""
    moments = [
        f"SELECT min({moment}) AS at FROM {watched.table} WHERE {moment} > %(after)s"  # noqa: S608
        for watched in tables.values()
        for moment in watched.clock
    ]
    if not moments:
        return None
    cursor.execute(f"SELECT min(at) FROM ({' UNION ALL '.join(moments)}) m", {"after": after})  # noqa: S608
    return cursor.fetchone()[0]


def install_triggers(cursor) -> list[str]:
    """Bring the triggers in step with the code; return the tables that had to be changed."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND pg_table_is_visible(oid)",
        [list(tables)],
    )
    existing = {name for (name,) in cursor.fetchall()}
    behind = [name for name in unwatched(cursor) if name in existing]
    for name in behind:
        cursor.execute(triggers_sql(tables[name]))
    return behind


def unwatched(cursor) -> list[str]:
    """Tables whose triggers are missing, switched off, or of another version of this code."""
    cursor.execute(
        """
        SELECT c.relname, obj_description(t.tgfoid, 'pg_proc')
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE t.tgname LIKE 'reader\\_pages\\_%%' AND t.tgenabled IN ('O', 'A')
          AND pg_table_is_visible(c.oid)
        GROUP BY 1, 2 HAVING count(*) = 4
        """
    )
    found = dict(cursor.fetchall())
    return [name for name, watched in tables.items() if found.get(name) != version_of(watched)]


def version_of(watched: Watched) -> str:
    return hashlib.sha256(_function(watched).encode()).hexdigest()[:16]


def triggers_sql(watched: Watched) -> str:
    name, function = watched.table, f"reader_pages_{watched.table}"
    seen = {
        "insert": "REFERENCING NEW TABLE AS new_rows",
        "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "delete": "REFERENCING OLD TABLE AS old_rows",
        "truncate": "",
    }
    triggers = [
        f"CREATE OR REPLACE TRIGGER reader_pages_{deed} AFTER {deed} ON {name} {rows}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}();"
        for deed, rows in seen.items()
    ]
    stamp = f"COMMENT ON FUNCTION {function}() IS '{version_of(watched)}';"
    return "\n".join([_function(watched), *triggers, stamp])


def _function(watched: Watched) -> str:
    """What was touched is found by one statement over the rows of the whole statement."""
    name = watched.table
    key = f"{{row}}.{watched.key}::text" if watched.key else "''::text"
    old_key, new_key = key.format(row="o"), key.format(row="n")
    ignored = "".join(f" - '{column}'" for column in watched.ignoring)
    differs = f"to_jsonb(o){ignored} IS DISTINCT FROM to_jsonb(n){ignored}"
    clock = ", ".join(sorted({moment.split(" ")[0] for moment in watched.clock})) or "NULL"

    def of(row):
        return ", ".join(f"{row}.{column}" for column in clock.split(", ")) if watched.clock else ""

    same_row = " AND ".join(f"o.{column} = n.{column}" for column in watched.pk)
    moved = f"ROW({of('o')}) IS DISTINCT FROM ROW({of('n')})" if watched.clock else "false"
    has_moment = f"num_nonnulls({clock}) > 0" if watched.clock else "false"
    on_insert = "true" if watched.new_rows_show else "false"
    return f"""
CREATE OR REPLACE FUNCTION reader_pages_{name}() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    touched text[];
    clock_moved boolean;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM pg_notify('{CHANNEL}', '{name}'), pg_notify('{CHANNEL}', 'clock');
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT {new_key}) FILTER (WHERE {on_insert}), bool_or({has_moment})
        INTO touched, clock_moved FROM new_rows n;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT {old_key}), bool_or({has_moment})
        INTO touched, clock_moved FROM old_rows o;
    ELSE
        SELECT array_agg(DISTINCT k.key) FILTER (WHERE {differs}), bool_or({moved})
        INTO touched, clock_moved
        FROM old_rows o FULL JOIN new_rows n ON {same_row}
        CROSS JOIN LATERAL (VALUES ({old_key}), ({new_key})) k (key)
        WHERE k.key IS NOT NULL;
    END IF;
    IF cardinality(touched) > {MOST_KEYS} OR touched = ARRAY[''] THEN
        PERFORM pg_notify('{CHANNEL}', '{name}');
    ELSE
        PERFORM pg_notify('{CHANNEL}', '{name}:' || key) FROM unnest(touched) AS key;
    END IF;
    IF clock_moved THEN
        PERFORM pg_notify('{CHANNEL}', 'clock');
    END IF;
    RETURN NULL;
END $body$;"""  # noqa: S608 - names of ours
