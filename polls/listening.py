"""What polls do when other apps do something. They know nothing of it."""

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver

from articles.models import Article

from .models import Poll
from .placing import follow_poll, follow_text
from .voters import ForgedCookie, guest_of, member_voter
from .voting import adopt_votes, forget_voter


@receiver(post_save, sender=Article)
def place_polls_of_text(sender, instance, raw=False, **kwargs):
    if not raw:
        follow_text(instance)


@receiver(post_save, sender=Poll)
def place_new_poll(sender, instance, raw=False, **kwargs):
    if not raw:
        follow_poll(instance)


@receiver(user_logged_in)
def keep_votes_of_guest(sender, request, user, **kwargs):
    """A vote made before signing in becomes the member's. The cookie stays what it is: signed
    out again, this browser is a guest without votes."""
    if request is None:
        return
    try:
        guest = guest_of(request)
    except ForgedCookie:
        return
    if guest:
        adopt_votes(guest, member_voter(user.pk))


@receiver(pre_delete, sender=get_user_model())
def forget_member(sender, instance, **kwargs):
    """Totals stay, and nobody can tell any more which votes were hers. Who closes an account
    and wants the votes removed calls ``forget_voter(..., remove_votes=True)`` before."""
    forget_voter(member_voter(instance.pk))
