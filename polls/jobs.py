from django.db import OperationalError

from advocacy_site.schedule import every

from .counting import mix_ballots, polls_to_mix, polls_with_wrong_totals


# What a copy of the database tells of the newest ballots, it tells for so long. How many were
# mixed is not said: the outcome of a job is kept with its moment.
@every(minutes=10, limit_minutes=50)
def lay_ballots_anew():
    """Lay ballots in random order, so that no copy tells who voted after whom."""
    for poll in polls_to_mix():
        try:
            mix_ballots(poll)
        except OperationalError:  # something long holds the ballots; the next run finds them
            return "Some ballots wait for the next run."
    return "No ballot is where it was cast."


@every(days=1, limit_minutes=50)
def prove_totals():
    """Prove that every poll's totals are the sum of its ballots."""
    if wrong := polls_with_wrong_totals():
        raise WrongTotals(", ".join(poll.slug for poll in wrong))
    return "Totals and ballots agree."


class WrongTotals(Exception):
    """manage.py rebuild_poll_totals makes them anew."""
