"""Votes, and the counts made of them. No person, no address and no moment is kept here.

A ballot's only name is a keyed hash of poll and voter, so its order in the table's index says
nothing. The order in which Postgres happens to lay rows on the disk, and the number of the
transaction that wrote one, would say who voted after whom, and which ballots of two polls are
one person's; ``counting.mix_ballots`` lays them anew, among others, in the order of their keys.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from .poll import MOST_CHOICES, Poll


class Ballot(models.Model):
    """One voter's vote in one poll: the key forbids a second, whatever the kind of poll.

    ``voter_key`` has 32 bytes (see ``voters``). ``choices`` are positions in ascending order.
    """

    pk = models.CompositePrimaryKey("poll_id", "voter_key")
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="ballots", db_index=False)
    voter_key = models.BinaryField(max_length=32)
    choices = ArrayField(models.PositiveSmallIntegerField())

    class Meta:
        default_permissions = []  # nobody lists, reads or edits ballots
        constraints = [
            models.CheckConstraint(
                condition=Q(choices__len__gte=1, choices__len__lte=MOST_CHOICES),
                name="ballot_has_choices",
            ),
        ]

    def __str__(self):
        return "a ballot"


class Tally(models.Model):
    """The totals, kept by a trigger on ballots in the same transaction.

    Each poll's totals are the sum of a few rows, so that votes at the same moment do not wait
    for one another: one for each of eight groups of database processes, never for groups of
    ballots. One row alone may be below zero. ``votes[n]`` counts those who chose position n.
    """

    pk = models.CompositePrimaryKey("poll_id", "part")
    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="tallies", db_index=False)
    part = models.PositiveSmallIntegerField()
    voters = models.BigIntegerField(default=0)
    votes = ArrayField(models.BigIntegerField())

    class Meta:
        default_permissions = []

    def __str__(self):
        return f"{self.voters} voters"


class HourCount(models.Model):
    """How many first votes came in one hour, less those taken back in it, for all answers
    together: to see stuffing.

    ``part`` is made of nothing that a ballot holds. In an hour with few votes the ballots are
    still as many as the poll has: which of them came then is told by no row, once they are mixed.
    """

    pk = models.CompositePrimaryKey("poll_id", "hour", "part")
    poll = models.ForeignKey(
        Poll, on_delete=models.CASCADE, related_name="hour_counts", db_index=False
    )
    hour = models.DateTimeField()
    part = models.PositiveSmallIntegerField()
    votes = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = []

    def __str__(self):
        return f"{self.votes} at {self.hour:%Y-%m-%d %H}"


class Mixing(models.Model):
    """A transaction in which ballots were laid anew. A ballot written by another is new."""

    pk = models.CompositePrimaryKey("poll_id", "transaction")
    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="mixings", db_index=False)
    transaction = models.BigIntegerField()

    class Meta:
        default_permissions = []

    def __str__(self):
        return f"transaction {self.transaction}"
