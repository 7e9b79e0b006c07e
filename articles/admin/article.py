"""The list of articles, and the addresses of everything an editor does with one."""

from datetime import timedelta
from functools import update_wrapper

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csp import csp_override

from advocacy_site.content_security import ADMIN_POLICY
from advocacy_site.typed_text import without_controls

from ..audit import Deed, log
from ..models import Article, Revision, with_contributors
from ..moments import day_in_words, in_words
from ..publishing import NotReady, publish, withdraw
from ..revisions import lock, working_revision
from ..rights import (
    edits_all,
    may_publish,
    may_read,
    may_see_desk,
    may_start,
    may_write,
    visible_at_desk,
)
from ..search import articles_with_words
from . import deeds, history, insert, keeping, previewing, writing
from .signed_out import give_words_back

MAY_PREVIEW = ("articles.add_article", "articles.change_article", "articles.write_article")
# The preview page holds the article in a frame.
FRAMING_POLICY = {**ADMIN_POLICY, "frame-src": ADMIN_POLICY["connect-src"]}


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [
            ("draft", "Draft"),
            ("review", "In review"),
            ("scheduled", "Scheduled"),
            ("published", "Published"),
            ("newer", "Published, newer words in the making"),
            ("withdrawn", "Withdrawn"),
        ]

    def queryset(self, request, queryset):
        now = timezone.now()
        match self.value():
            case "draft":
                return queryset.filter(published_at=None, submitted_at=None)
            case "review":
                return queryset.exclude(submitted_at=None)
            case "scheduled":
                return queryset.filter(
                    Q(published_at__gt=now) | Q(next_at__gt=now) | Q(withdraw_at__gt=now)
                )
            case "published":
                return queryset.published()
            case "newer":
                return queryset.published().filter(newest_number__gt=F("live_revision__number"))
            case "withdrawn":
                return queryset.filter(withdraw_at__lte=now)
        return queryset


class CheckFilter(admin.SimpleListFilter):
    title = "next check"
    parameter_name = "check"

    def lookups(self, request, model_admin):
        return [("overdue", "Overdue"), ("soon", "Within 30 days"), ("none", "No date")]

    def queryset(self, request, queryset):
        today = timezone.localdate()
        match self.value():
            case "overdue":
                return queryset.filter(review_due__lt=today)
            case "soon":
                return queryset.filter(review_due__range=(today, today + timedelta(days=30)))
            case "none":
                return queryset.filter(review_due=None)
        return queryset


class NamedNone(admin.RelatedFieldListFilter):
    """Topics or contributors; those without one stand under a word, not under a dash."""

    def __init__(self, field, request, params, model, model_admin, field_path):
        super().__init__(field, request, params, model, model_admin, field_path)
        self.title = {"contributors": "contributor", "topics": "topic"}[field_path]
        self.empty_value_display = "None yet"


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    list_display = ["shown_title", "shown_state", "byline", "saved", "next_check"]
    list_filter = [
        StateFilter,
        CheckFilter,
        ("topics", NamedNone),
        ("contributors", NamedNone),
        "is_demonstration",
    ]
    list_per_page = 50
    search_fields = ["title", "standfirst", "slug", "contributors__name"]
    search_help_text = "Finds words of titles, standfirsts, addresses, names and texts."
    actions = ["publish_now", "withdraw_now"]
    ordering = ["-saved_at", "-pk"]

    def get_urls(self):
        def desk(view):
            def of_this_admin(request, **names):
                return view(request, self, **names)

            return self.admin_site.admin_view(update_wrapper(of_this_admin, view))

        def named(address, view, name):
            return path(address, view, name=f"articles_article_{name}")

        framing = csp_override(FRAMING_POLICY)
        one = "<path:object_id>"
        own = [
            named("preview/", self.admin_site.admin_view(self.preview_view), "preview"),
            named("pictures/", desk(insert.pictures), "pictures"),
            named("token/", desk(keeping.token), "token"),
            named("check-sources/", desk(deeds.check_sources), "check_sources"),
            named("add/keep/", desk(keeping.keep_words), "keep_new"),
            named("add/forget/", desk(deeds.forget_words), "forget_new"),
            named(f"{one}/keep/", desk(keeping.keep_words), "keep"),
            named(f"{one}/forget/", desk(deeds.forget_words), "forget"),
            named(f"{one}/here/", desk(keeping.still_here), "here"),
            named(f"{one}/compare/", desk(history.compare_page), "compare"),
            named(f"{one}/conflict/<int:number>/", desk(history.conflict), "conflict"),
            named(f"{one}/restore/<int:number>/", desk(history.restore), "restore"),
            named(
                f"{one}/preview/<int:number>/",
                framing(desk(previewing.preview_page)),
                "preview_page",
            ),
            named(f"{one}/cancel-schedule/", desk(deeds.cancel), "cancel"),
            named(f"{one}/withdraw/", desk(deeds.withdraw_page), "withdraw"),
            named(f"{one}/undo-withdrawal/", desk(deeds.undo_withdrawal), "undo_withdrawal"),
            named(f"{one}/send-back/", desk(deeds.return_to_writer), "send_back"),
            named(f"{one}/duplicate/", desk(deeds.duplicate), "duplicate"),
        ]
        of_django = super().get_urls()
        for pattern in of_django:
            if pattern.name in {"articles_article_add", "articles_article_change"}:
                pattern.callback = give_words_back(self.admin_site, pattern.callback)
        return [*own, *of_django]

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        return writing.write(request, self, object_id)

    def history_view(self, request, object_id, extra_context=None):
        return history.history(request, self, object_id)

    def preview_view(self, request):
        """Staff who may write articles: the text as the page would show it."""
        if not any(request.user.has_perm(permission) for permission in MAY_PREVIEW):
            raise PermissionDenied
        return previewing.preview_text(request)

    def has_module_permission(self, request):
        return may_see_desk(request.user)

    def has_view_permission(self, request, obj=None):
        return may_see_desk(request.user) if obj is None else may_read(request.user, obj)

    def has_add_permission(self, request):
        return may_start(request.user)

    def has_change_permission(self, request, obj=None):
        user = request.user
        if obj is None:
            return edits_all(user) or (user.is_staff and user.has_perm("articles.write_article"))
        return may_write(user, obj)

    def has_delete_permission(self, request, obj=None):
        """What readers have seen is withdrawn, not deleted: its address should say why."""
        return super().has_delete_permission(request, obj) and (
            obj is None or obj.published_at is None
        )

    def has_publish_permission(self, request):
        return may_publish(request.user)

    def get_queryset(self, request):
        newest = Revision.objects.filter(article=OuterRef("pk"), is_aside=False)
        last = newest.order_by("-number")
        return (
            visible_at_desk(request.user, super().get_queryset(request))
            .defer_texts()
            .select_related("live_revision", "next_revision", "submitted_by")
            .annotate(
                newest_number=Subquery(
                    newest.order_by().values("article").annotate(n=Max("number")).values("n")
                ),
                saved_by=Subquery(last.values("made_by__display_name")[:1]),
                saved_on=Subquery(last.values("made_at")[:1]),
            )
        )

    def get_search_results(self, request, queryset, search_term):
        """In the texts as well, but for the choice of what to read next."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if search_term.strip() and "autocomplete" not in request.path:
            found |= queryset.filter(pk__in=articles_with_words(search_term))
            may_repeat = True
        return found, may_repeat

    def get_list_select_related(self, request):
        return False

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        changelist.result_list = changelist.result_list.prefetch_related(with_contributors())
        return changelist

    @admin.display(description="title", ordering="title")
    def shown_title(self, article):
        return str(article)

    @admin.display(description="state", ordering="published_at")
    def shown_state(self, article):
        return "; ".join([article.state.capitalize(), *next_steps(article)])

    @admin.display(description="by")
    def byline(self, article):
        return ", ".join(str(writer) for writer in article.contributor_list) or "-"

    @admin.display(description="last saved", ordering="saved_at")
    def saved(self, article):
        who = f", {article.saved_by}" if article.saved_by else ""
        return f"{in_words(article.saved_on or article.saved_at)}{who}"

    @admin.display(description="next check", ordering="review_due")
    def next_check(self, article):
        if not article.review_due:
            return "-"
        is_overdue = article.is_published and article.review_due < timezone.localdate()
        return f"{day_in_words(article.review_due)}{', overdue' if is_overdue else ''}"

    @admin.action(description="Publish now", permissions=["publish"])
    def publish_now(self, request, queryset):
        published = 0
        for article in queryset:
            try:
                published += publish(article, by=request.user)
            except NotReady as incomplete:
                self.message_user(request, f"{article}: {incomplete}", messages.ERROR)
        self.message_user(request, f"Published: {published} of {len(queryset)}.")

    @admin.action(description="Withdraw now", permissions=["publish"])
    def withdraw_now(self, request, queryset):
        """Asks first, and for the reason; each can be undone from its message."""
        reason = " ".join(without_controls(request.POST.get("reason", "")).split())[:200]
        if not reason.replace("\x00", ""):
            return self.ask_before_withdrawing(request, queryset)
        withdrawn = 0
        for article in queryset:
            try:
                if withdraw(article, reason.replace("\x00", ""), by=request.user):
                    withdrawn += 1
                    undo = f"undo-withdrawal-{article.pk}"
                    self.message_user(
                        request, f"Withdrawn: {article}.", messages.SUCCESS, extra_tags=undo
                    )
            except NotReady as not_ready:
                self.message_user(request, f"{article}: {not_ready}", messages.ERROR)
        self.message_user(
            request, f"Withdrawn: {withdrawn} of {len(queryset)}. Readers are told: “{reason}”"
        )

    def ask_before_withdrawing(self, request, queryset):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Withdraw these articles",
            "articles": queryset,
            "problem": "Tell readers in one sentence why." if "reason" in request.POST else "",
            "chosen": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/articles/article/withdraw_many.html", context)

    def delete_model(self, request, obj):
        delete_draft(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for article in queryset:
            delete_draft(article, by=request.user)


@transaction.atomic
def delete_draft(article, *, by) -> None:
    """Asked again under the lock: it may have been published a moment ago."""
    lock(article)
    if article.published_at:
        raise PermissionDenied
    log(article, Deed.DELETED, by=by, detail=f"{working_revision(article).number} revisions")
    article.delete()


def next_steps(article) -> list[str]:
    """What will happen to it, and what waits, in words."""
    steps = []
    now = timezone.now()
    if article.state == "scheduled":
        steps.append(f"for {in_words(article.published_at)}")
    if article.next_at:
        steps.append(f"newer words scheduled for {in_words(article.next_at)}")
    if article.withdraw_at and article.withdraw_at > now:
        steps.append(f"to be withdrawn on {in_words(article.withdraw_at)}")
    if article.submitted_at and article.published_at:
        steps.append("newer words in review")
    elif article.live_revision and (article.newest_number or 0) > max(
        revision.number for revision in (article.live_revision, article.next_revision) if revision
    ):
        steps.append("newer words in the making")
    return steps
