"""What ``manage.py doctor`` looks at in the polls."""

from django.db import connection

from advocacy_site.doctor import check, is_production

# Postgres' levels that leave out the statement of an ordinary error.
SILENT = {"fatal", "panic"}


@check("The secret of votes")
def secret_of_votes():
    if is_production():
        yield from what_the_log_would_hold()


def what_the_log_would_hold():
    """A vote's statement holds its key and its choices."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('log_min_error_statement'),"
            " current_setting('log_min_duration_statement'), current_setting('log_statement')"
        )
        errors, slow, statements = cursor.fetchone()
    if errors not in SILENT:
        yield (
            "The database writes statements that failed into its log, votes among them. As its "
            "superuser: ALTER ROLE ... SET log_min_error_statement = panic."
        )
    if slow != "-1":
        yield "The database logs slow statements, votes among them: log_min_duration_statement."
    if statements in {"mod", "all"}:
        yield "The database logs every statement, and so every vote: set log_statement = none."
