from django.conf import settings

from advocacy_site.schedule import every

from .due import apply_due
from .missed_searches import drop_old_misses, old_misses
from .source_checks import check_sources


@every(minutes=1)
def apply_schedules():
    """Let due revisions take effect, also when nobody reads."""
    return "Took effect." if apply_due() else "Nothing was due."


@every(days=1)
def forget_missed_searches(*, dry_run=False):
    """Delete words of searches that found nothing, after 90 days."""
    return f"Searches: {old_misses().count() if dry_run else drop_old_misses()}."


@every(days=7, limit_minutes=180)
def check_source_addresses():
    """Ask every address that a published article names whether it still answers."""
    if settings.IS_DEMONSTRATION:
        return "A demonstration asks nobody."
    return f"{check_sources()} do not answer."
