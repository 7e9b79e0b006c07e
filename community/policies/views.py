from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from advocacy_site.reader_cache import reader_page

from .models import PolicyVersion


@reader_page
@require_safe
def policy(request, kind):
    """Open to everyone: the version in force."""
    version = PolicyVersion.objects.in_force(kind)
    if version is None:
        raise Http404
    return render_version(request, version, replaced_at=None, is_current=True)


@reader_page
@require_safe
def version(request, kind, number):
    """Open to everyone: any version that is or was in force."""
    published = PolicyVersion.objects.published().filter(policy__kind=kind)
    version = get_object_or_404(published.select_related("policy"), number=number)
    next_one = published.filter(number__gt=version.number).order_by("number").first()
    return render_version(
        request,
        version,
        replaced_at=next_one and next_one.published_at,
        is_current=next_one is None,
    )


def render_version(request, version, *, replaced_at, is_current):
    others = (
        version.policy.versions.published()
        .exclude(pk=version.pk)
        .select_related("policy")
        .defer("body")[:100]
    )
    return render(
        request,
        "policies/policy.html",
        {
            "policy": version.policy,
            "version": version,
            "current": is_current,
            "replaced_at": replaced_at,
            "earlier": others,
        },
    )
