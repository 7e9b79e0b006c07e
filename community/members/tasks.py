"""Background work, by ids only: an address must not stay behind in the table of tasks."""

from django.tasks import task

from .mailing import mail_member


@task
def tell_of_sign_in(member_id: int, description: str) -> None:
    mail_member("new-sign-in", member_id, {"browser": description}, own_deed=True)


@task
def make_export(export_id: int) -> None:
    from .exporting import make

    make(export_id)


@task
def tell_of_closing(member_id: int) -> None:
    mail_member("account-closing", member_id, own_deed=True)


@task
def tell_of_second_factor(member_id: int) -> None:
    mail_member("second-factor-changed", member_id, own_deed=True)


@task
def tell_of_password(member_id: int) -> None:
    mail_member("password-changed", member_id, own_deed=True)
