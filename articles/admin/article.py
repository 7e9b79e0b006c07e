from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from advocacy_site.html import TooMuch
from advocacy_site.markdown_editor import MarkdownEditor

from ..models import Article, ArticleTopic, Byline
from ..models.article import render_body
from ..publishing import NotReady, change_slug, publish

MAY_PREVIEW = ("articles.add_article", "articles.change_article")


class ArticleForm(forms.ModelForm):
    content_notes = forms.MultipleChoiceField(
        choices=Article.ContentNote,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=Article._meta.get_field("content_notes").help_text,
    )

    class Meta:
        model = Article
        fields = [
            "title",
            "slug",
            "standfirst",
            "key_points",
            "body",
            "hero",
            "hero_alt",
            "hero_is_decorative",
            "hero_focus",
            "content_notes",
            "related",
            "disclaimer",
            "is_demonstration",
            "published_at",
            "withdraw_at",
            "withdrawal_reason",
            "updated_at",
            "change_note",
            "reviewed_on",
            "reviewed_by",
            "review_due",
        ]
        widgets = {
            "body": MarkdownEditor,
            "standfirst": forms.Textarea(attrs={"rows": 2, "cols": 80}),
            "hero_alt": forms.Textarea(attrs={"rows": 2, "cols": 80}),
            "key_points": forms.Textarea(attrs={"rows": 6, "cols": 80}),
        }

    def clean_body(self):
        body = self.cleaned_data["body"].replace("\r\n", "\n")
        try:
            self.problems = render_body(body).problems
        except TooMuch as too_much:
            raise forms.ValidationError(str(too_much)) from too_much
        return body

    def clean(self):
        """A draft may hold mistakes; what readers will see may not."""
        cleaned = super().clean()
        if cleaned.get("published_at") and getattr(self, "problems", None):
            self.add_error("body", [str(problem) for problem in self.problems])
        return cleaned


class AtLeastOneWhenPublished(forms.BaseInlineFormSet):
    def clean(self):
        super().clean()
        kept = [f for f in self.forms if f.cleaned_data and not f.cleaned_data.get("DELETE")]
        if self.instance.published_at and not kept:
            raise ValidationError("Choose at least one topic before it is published.")


class TopicInline(admin.TabularInline):
    model = ArticleTopic
    formset = AtLeastOneWhenPublished
    extra = 1
    verbose_name = "topic"
    verbose_name_plural = "topics (the first is the main one)"


class BylineInline(admin.TabularInline):
    model = Byline
    extra = 1
    autocomplete_fields = ["contributor"]
    verbose_name = "contributor"
    verbose_name_plural = "contributors"


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [(s, s.capitalize()) for s in ("draft", "scheduled", "published", "withdrawn")]

    def queryset(self, request, queryset):
        now = timezone.now()
        match self.value():
            case "draft":
                return queryset.filter(published_at=None)
            case "scheduled":
                return queryset.filter(published_at__gt=now)
            case "published":
                return queryset.published()
            case "withdrawn":
                return queryset.filter(withdraw_at__lte=now)
        return queryset


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    form = ArticleForm
    inlines = [TopicInline, BylineInline]
    list_display = ["title", "state", "published_at", "review_due"]
    list_filter = [StateFilter, "topics", "is_demonstration"]
    list_per_page = 50
    search_fields = ["title", "standfirst", "slug"]
    prepopulated_fields = {"slug": ["title"]}
    autocomplete_fields = ["hero", "related"]
    actions = ["publish_now"]
    save_on_top = True
    fieldsets = [
        (None, {"fields": ["title", "slug", "standfirst", "key_points", "body"]}),
        ("Picture", {"fields": ["hero", "hero_alt", "hero_is_decorative", "hero_focus"]}),
        ("For readers", {"fields": ["content_notes", "related", "disclaimer", "is_demonstration"]}),
        ("Publishing", {"fields": ["published_at", "withdraw_at", "withdrawal_reason"]}),
        (
            "Changes and reviews",
            {
                "fields": [
                    ("updated_at", "change_note"),
                    ("reviewed_on", "reviewed_by"),
                    "review_due",
                ]
            },
        ),
    ]

    def get_urls(self):
        preview = self.admin_site.admin_view(self.preview_view)
        return [path("preview/", preview, name="articles_article_preview"), *super().get_urls()]

    def preview_view(self, request):
        """Staff who may write articles: the text as the page would show it."""
        if not any(request.user.has_perm(permission) for permission in MAY_PREVIEW):
            raise PermissionDenied
        return preview(request)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)
        if change:
            change_slug(obj, form.initial["slug"])

    @admin.display(description="state", ordering="published_at")
    def state(self, article):
        return article.state

    @admin.action(description="Publish now", permissions=["change"])
    def publish_now(self, request, queryset):
        published = 0
        for article in queryset:
            try:
                published += publish(article)
            except NotReady as incomplete:
                self.message_user(request, f"{article}: {incomplete}", messages.ERROR)
        self.message_user(request, f"Published: {published} of {len(queryset)}.")


@require_POST
def preview(request):
    """The same gate as the page, with what the writer should mend."""
    context = {}
    try:
        context["prose"] = render_body(request.POST.get("content", "").replace("\r\n", "\n"))
    except TooMuch as too_much:
        context["too_much"] = str(too_much)
    return render(request, "admin/_prose_preview.html", context)
