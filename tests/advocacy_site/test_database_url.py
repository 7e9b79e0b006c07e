import pytest
from django.core.exceptions import ImproperlyConfigured

from advocacy_site.database_url import parse_database_url, with_limits


def test_every_part_of_the_address_arrives():
    entry = parse_database_url("postgresql://harbor:secret@db.example:6543/site")
    assert entry["NAME"] == "site"
    assert entry["USER"] == "harbor"
    assert entry["PASSWORD"] == "secret"
    assert entry["HOST"] == "db.example"
    assert entry["PORT"] == 6543


def test_quoted_characters_are_read_as_meant():
    entry = parse_database_url("postgres://a%40b:p%2Fw%3A%3F@db/my%20site")
    assert (entry["USER"], entry["PASSWORD"], entry["NAME"]) == ("a@b", "p/w:?", "my site")


def test_a_folder_is_the_host_of_a_unix_socket():
    entry = parse_database_url("postgresql://postgres@/site?host=/some/folder%20name")
    assert entry["HOST"] == "/some/folder name"
    assert entry["PORT"] == ""
    assert entry["OPTIONS"] == {"connect_timeout": "5"}


def test_other_options_go_to_the_driver():
    entry = parse_database_url("postgresql://u:p@db/site?sslmode=verify-full")
    assert entry["OPTIONS"] == {"connect_timeout": "5", "sslmode": "verify-full"}


@pytest.mark.parametrize("url", ["", "mysql://u@db/site", "postgresql://u@db/", "not an address"])
def test_what_is_no_postgres_address_is_refused_with_a_sentence(url):
    with pytest.raises(ImproperlyConfigured, match="must look like postgresql://"):
        parse_database_url(url)


def test_the_database_ends_what_takes_too_long(monkeypatch):
    import psycopg2
    from django.db import connection

    monkeypatch.setenv("STATEMENT_SECONDS", "1")
    monkeypatch.setenv("LOCK_SECONDS", "2")
    database = with_limits(parse_database_url("postgresql://me@host/name?options=-c%20geqo=off"))
    options = database["OPTIONS"]["options"]
    assert options.endswith("-c geqo=off")
    way = connection.settings_dict
    with (
        psycopg2.connect(
            host=way["HOST"],
            port=way["PORT"] or None,
            user=way["USER"],
            password=way["PASSWORD"] or None,
            dbname="postgres",
            options=options,
        ) as other,
        other.cursor() as cursor,
    ):
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("2s",)
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("1min",)
        with pytest.raises(psycopg2.errors.QueryCanceled):
            cursor.execute("SELECT pg_sleep(5)")
    other.close()
