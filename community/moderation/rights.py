"""Who may do what at the moderators' desk. Guards are the only way to its views.

A moderator is staff with the permission ``moderate``; a lead has ``lead_moderation`` as well.
Editors have neither. To anyone else who is signed in the desk is not there.
"""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.http import Http404
from django.views.decorators.cache import never_cache

from community.members.models import Member

MODERATE = "moderate"
LEAD = "lead_moderation"
REMEMBER = "remember_member"  # of members; leads have it
ASKED = (MODERATE, LEAD, REMEMBER)


def may_moderate(member) -> bool:
    return MODERATE in rights_of(member)


def leads(member) -> bool:
    return rights_of(member) >= {MODERATE, LEAD}


def may_remember(member) -> bool:
    """Whether she may set a member remembered, at the page of members."""
    return REMEMBER in rights_of(member)


def rights_of(member) -> set[str]:
    """All three rights in one query, once for each request; ``has_perm`` would take two."""
    if not (member.is_active and member.is_staff):
        return set()
    if member.is_superuser:
        return set(ASKED)
    if not hasattr(member, "_moderation_rights"):
        held = Q(user=member) | Q(group__user=member)
        permissions = Permission.objects.filter(
            held, content_type__app_label__in=["moderation", "members"], codename__in=ASKED
        )
        member._moderation_rights = set(permissions.values_list("codename", flat=True))
    return member._moderation_rights


def moderators_only(view):
    return _guarded(view, may_moderate)


def leads_only(view):
    return _guarded(view, leads)


def _guarded(view, may):
    @never_cache
    @login_required
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not may(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    guarded.guard = may.__name__
    return guarded


def all_moderators():
    """Everybody who may moderate now, by group or by name; those who run the site are not asked."""
    holds = Q(user_permissions__codename="moderate") | Q(groups__permissions__codename="moderate")
    return Member.objects.present().filter(holds, is_staff=True).distinct()
