"""Work for the worker: each is one line into a verb and may run twice."""

from django.tasks import task


@task()
def mail_message(act_id: int) -> None:
    from .mailing import mail_message

    mail_message(act_id)


@task()
def alert(report_id: int) -> None:
    from .alerts import alert

    alert(report_id)
