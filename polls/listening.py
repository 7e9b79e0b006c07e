"""What polls do when other apps do something. They know nothing of it."""

import logging

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.db import DatabaseError
from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver

from articles.models import Article

from .models import Poll
from .placing import follow_poll, follow_text
from .voters import ForgedCookie, guest_of, member_voter
from .voting import adopt_votes, forget_voter

logger = logging.getLogger(__name__)


@receiver(post_save, sender=Article)
def place_polls_of_text(sender, instance, raw=False, **kwargs):
    if not raw:
        follow_text(instance)


@receiver(post_save, sender=Poll)
def place_new_poll(sender, instance, created=False, raw=False, **kwargs):
    if not raw and (created or not instance.placements.exists()):
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
    if not guest:
        return
    try:
        adopt_votes(guest, member_voter(user.pk))
    except DatabaseError as error:
        # A poll keeps nobody out. What the error says may hold keys; its kind does not.
        logger.error("Votes of a guest were not handed over: %s", type(error).__name__)


@receiver(pre_delete, sender=get_user_model())
def forget_member(sender, instance, **kwargs):
    """Totals stay, and nobody can tell any more which votes were hers. Who closes an account
    and wants the votes removed calls ``forget_voter(..., remove_votes=True)`` before."""
    forget_voter(member_voter(instance.pk))
