"""What is new since a member was here last. Recorded by a POST, never by reading alone."""

from datetime import timedelta

from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from .models import LastVisit

# Within this time it is one visit: the marks stay while somebody reads and goes on.
ONE_VISIT = timedelta(minutes=30)


def new_after(member, article) -> int | None:
    """Comments with a higher id are new to this member; None on the first visit."""
    visit = LastVisit.objects.filter(member=member, article=article).first()
    if visit is None:
        return None
    return visit.new_after if timezone.now() - visit.at < ONE_VISIT else visit.seen_to


def saw(member, article, up_to: int) -> bool:
    """Keep that everything up to this comment was on the member's page; tell if this is new."""
    now = timezone.now()
    mine = LastVisit.objects.filter(member=member, article=article)
    mine.filter(at__lt=now - ONE_VISIT).update(new_after=F("seen_to"))
    if mine.update(seen_to=Greatest(F("seen_to"), Value(up_to)), at=now):
        return False
    LastVisit.objects.bulk_create(
        [LastVisit(member=member, article=article, seen_to=up_to, new_after=up_to, at=now)],
        ignore_conflicts=True,
    )
    return True
