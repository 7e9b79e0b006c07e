"""Work for the worker: each is one line into a verb and may run twice."""

from django.tasks import task


@task()
def tell_about(comment_id: int) -> None:
    from .notices import tell_about

    tell_about(comment_id)


@task()
def tell_reporter(report_id: int) -> None:
    from .reports import tell

    tell(report_id)
