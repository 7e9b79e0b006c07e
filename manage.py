#!/usr/bin/env python
"""Django's commands, with local settings and the embedded Postgres unless told otherwise."""

import atexit
import os
import sys

LOCAL = "advocacy_site.settings.local"
WITHOUT_DATABASE = {"check", "collectstatic", "diffsettings", "findstatic", "help", "startapp"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", LOCAL)
    if not {"serve", "runserver"} & set(sys.argv[1:2]):
        os.environ.setdefault("STATEMENT_SECONDS", "0")  # a command may take its time
    if os.environ["DJANGO_SETTINGS_MODULE"] == LOCAL and not os.environ.get("DATABASE_URL"):
        use_embedded_database()
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as wrong:
        sys.exit(str(wrong))  # one sentence; where it was found helps no one


def use_embedded_database() -> None:
    """Set DATABASE_URL; start the server too when the command is going to ask it anything."""
    from advocacy_site import local_postgres
    from advocacy_site.settings.base import VAR

    server = local_postgres.LocalPostgres(VAR / "postgres")
    os.environ["DATABASE_URL"] = server.url("harbor")
    if not needs_database(sys.argv[1:]):
        return
    try:
        server.enter()
        server.ensure_database("harbor")
    except local_postgres.LocalPostgresError as error:
        sys.exit(str(error))
    atexit.register(server.leave)
    local_postgres.in_use = server


def needs_database(arguments: list[str]) -> bool:
    if not arguments or {"-h", "--help", "--version"} & set(arguments):
        return False
    if arguments[0] == "makemigrations":
        return "--check" not in arguments
    return arguments[0] not in WITHOUT_DATABASE


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped.")
