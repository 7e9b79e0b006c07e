from io import StringIO

from django.core.management import call_command

from advocacy_site.schedule import every

from . import browsers


@every(hours=1)
def tidy_members(*, dry_run=False):
    """Close accounts whose seven days are over; delete old codes, copies of data and reports."""
    said = StringIO()
    call_command("tidy_members", dry_run=dry_run, stdout=said)
    return said.getvalue().strip()


@every(days=1)
def forget_signed_out_browsers(*, dry_run=False):
    """Delete the names of browsers whose session has ended."""
    old = browsers.signed_out()
    return f"Browsers: {old.count() if dry_run else old.delete()[0]}."
