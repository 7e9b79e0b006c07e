"""The only table of the project itself: how often something was done lately."""

from django.db import models


class RateLimitCount(models.Model):
    """How often a limited deed was done in one window of time, by a key that says nothing.

    ``key`` is a keyed hash of the limit, the window and who did it: without the site's
    secret nobody can tell from it who that was, and it is deleted when its window is over.
    """

    key = models.BinaryField(max_length=32, primary_key=True)
    count = models.PositiveIntegerField(default=1)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"{self.count} until {self.expires_at:%H:%M}"
