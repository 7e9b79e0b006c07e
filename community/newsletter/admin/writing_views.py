"""What the writing page of a letter asks for while it is written: how it looks, cards to choose
from, what is new. All of it reads and keeps nothing."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import path
from django.utils.csp import CSP
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from advocacy_site import cards
from advocacy_site.content_security import ADMIN_POLICY

from .. import digest
from ..models import Issue
from ..writing import Letter, for_eyes, write_letter

# A letter carries its styles in its elements, as mail programs need it. Its preview is a page
# of its own in a sandbox: it may draw itself and nothing else, and never runs a script.
LETTER_POLICY = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "frame-ancestors": [CSP.SELF],
    "sandbox": ["allow-popups"],
}
# While it is written the page around it keeps the place she had scrolled to.
TYPED_POLICY = LETTER_POLICY | {"sandbox": ["allow-popups", "allow-same-origin"]}

LOOKS = {
    "html": {},
    "discreet": {"discreet": True},
    "text": {"text_only": True},
    "text-discreet": {"text_only": True, "discreet": True},
}
WRITTEN = ["subject", "discreet_subject", "opening", "body"]


def drawn(letter: Letter, look: str) -> HttpResponse:
    """The letter as a mail program draws it. ``look``: one of LOOKS."""
    facts = LOOKS.get(look, {})
    written = letter.for_reader(**facts)
    if facts.get("text_only"):
        return HttpResponse(for_eyes(written.text), content_type="text/plain; charset=utf-8")
    return HttpResponse(for_eyes(written.html))


class WritingViews:
    """For the admin of Issue. Staff who may write letters."""

    def writing_urls(self):
        def page(view, policy=ADMIN_POLICY):
            return csp_override(policy)(self.admin_site.admin_view(view))

        return [
            path(
                "typed/<str:look>/",
                xframe_options_sameorigin(page(require_POST(self.typed), TYPED_POLICY)),
                name="newsletter_issue_typed",
            ),
            path("problems/", page(require_POST(self.problems)), name="newsletter_issue_problems"),
            path("picks/", page(require_safe(self.picks)), name="newsletter_issue_picks"),
            path("new/", page(require_safe(self.new)), name="newsletter_issue_new"),
            path("token/", page(require_safe(self.token)), name="newsletter_issue_token"),
        ]

    def may_write(self, request):
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied

    def as_typed(self, request) -> Letter:
        self.may_write(request)
        words = {name: request.POST.get(name, "").replace("\0", "") for name in WRITTEN}
        return write_letter(Issue(**words))

    def typed(self, request, look):
        """What is typed and not saved, as it will look."""
        return drawn(self.as_typed(request), look)

    def problems(self, request):
        """What must be mended before it can go out, a sentence each."""
        return JsonResponse({"problems": self.as_typed(request).problems})

    def picks(self, request):
        """Things of the site that a card can be made of."""
        self.may_write(request)
        found = cards.picks(request.GET.get("kind", ""), request.GET.get("q", ""))
        return JsonResponse(
            {"picks": [{"slug": p.slug, "title": p.title, "note": p.note} for p in found]}
        )

    def new(self, request):
        """What is new since the last letter, as Markdown."""
        self.may_write(request)
        return JsonResponse({"markdown": digest.whats_new()})

    def token(self, request):
        """Whether she is signed in still, and the form token that fits."""
        self.may_write(request)
        return JsonResponse({"token": get_token(request)})
