from advocacy_site.schedule import every

from .counting import mix_ballots, polls_to_mix, polls_with_wrong_totals


@every(hours=1, limit_minutes=50)
def lay_ballots_anew():
    """Lay ballots in random order, so that no copy tells who voted after whom."""
    mixed = [mix_ballots(poll) for poll in polls_to_mix()]
    return f"{sum(mixed)} ballots of {len(mixed)} polls mixed."


@every(days=1, limit_minutes=50)
def prove_totals():
    """Prove that every poll's totals are the sum of its ballots."""
    if wrong := polls_with_wrong_totals():
        raise WrongTotals(", ".join(poll.slug for poll in wrong))
    return "Totals and ballots agree."


class WrongTotals(Exception):
    """manage.py rebuild_poll_totals makes them anew."""
