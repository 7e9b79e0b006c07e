"""Background work. It names no poll and no ballot: the table of tasks keeps moments."""

from django.tasks import task


@task
def lay_ballots_anew() -> None:
    from .jobs import lay_ballots_anew

    lay_ballots_anew()
