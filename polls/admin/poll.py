import csv

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify

from articles.admin.used import KnowsWhereUsed
from articles.models import Article
from articles.where_used import articles_with_poll

from ..archive import with_voters
from ..hours import votes_by_hour
from ..models import MOST_CHOICES, Choice, Placement, Poll
from ..placing import one_poll
from ..results import LEAST_VOTERS, results_of
from .forms import LOCKED, ChoiceForm, ChoiceFormSet, PlacementForm, PollForm

MOST_PICKED_FROM = 20
MOST_NAMED = 20
# The picture of votes is at least so wide: one hour alone would be a wall.
LEAST_HOURS = 24


def is_locked(request, poll) -> bool:
    """A form that was opened before the first vote is read whole: what it would change is then
    refused with a sentence, instead of dropped without one."""
    opened_before = request.method == "POST" and "question" in request.POST
    return bool(poll and poll.has_votes and not opened_before)


class ChoiceInline(admin.TabularInline):
    model = Choice
    form = ChoiceForm
    formset = ChoiceFormSet
    extra = 2
    autocomplete_fields = ["picture"]

    def get_readonly_fields(self, request, poll=None):
        return ("text", "picture") if is_locked(request, poll) else ()

    def get_max_num(self, request, poll=None, **kwargs):
        return 0 if is_locked(request, poll) else 8

    def get_extra(self, request, poll=None, **kwargs):
        return 0 if poll else MOST_CHOICES if "copy" in request.GET else 2

    def has_delete_permission(self, request, poll=None):
        return super().has_delete_permission(request, poll) and not is_locked(request, poll)


class PlacementInline(admin.TabularInline):
    """Articles that show the poll after their text. Places inside texts look after themselves."""

    model = Placement
    form = PlacementForm
    extra = 0
    autocomplete_fields = ["article"]
    verbose_name = "article that shows it after its text"
    verbose_name_plural = "articles that show it after their text"

    def get_queryset(self, request):
        return super().get_queryset(request).filter(in_text=False)


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [(s, s.capitalize()) for s in ("draft", "scheduled", "open", "closed")]

    def queryset(self, request, queryset):
        now = timezone.now()
        match self.value():
            case "draft":
                return queryset.filter(opens_at=None)
            case "scheduled":
                return queryset.filter(opens_at__gt=now)
            case "open":
                return queryset.open()
            case "closed":
                return queryset.filter(closes_at__lte=now)
        return queryset


@admin.register(Poll)
class PollAdmin(KnowsWhereUsed, admin.ModelAdmin):
    form = PollForm
    inlines = [ChoiceInline, PlacementInline]
    list_display = ["question", "short_kind", "state", "voters", "closes", "featured"]
    list_filter = [StateFilter, "kind"]
    list_per_page = 50
    search_fields = ["question", "slug"]
    actions = ["open_now", "close_now", "reopen"]
    save_on_top = True
    view_on_site = False  # "See the page" and "Preview" stand there already
    fieldsets = [
        (None, {"fields": ["kind", "question", "slug", "context", ("min_choices", "max_choices")]}),
        ("When", {"fields": [("opens_at", "closes_at"), "note"]}),
        ("Community poll", {"fields": [("featured_from", "featured_until")]}),
    ]

    def get_queryset(self, request):
        return with_voters(super().get_queryset(request))

    def get_readonly_fields(self, request, poll=None):
        return LOCKED if is_locked(request, poll) else ()

    def get_prepopulated_fields(self, request, poll=None):
        return {} if poll else {"slug": ["question"]}

    def has_delete_permission(self, request, poll=None):
        """What people voted on is closed, not deleted."""
        return super().has_delete_permission(request, poll) and not (poll and poll.has_votes)

    def articles_using(self, poll):
        """In their text or newest draft, or after it."""
        placed = Q(pk__in=poll.placements.values("article"))
        return Article.objects.filter(
            placed | Q(pk__in=articles_with_poll(poll.slug).values("pk"))
        ).order_by("title")

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("picker/", view(self.picker_view), name="polls_poll_picker"),
            path("<int:pk>/totals/", view(self.totals_view), name="polls_poll_totals"),
            path("<int:pk>/totals.csv", view(self.csv_view), name="polls_poll_csv"),
            *super().get_urls(),
        ]

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def find(self, request, pk) -> Poll:
        """Staff who may see polls."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        slug = Poll.objects.filter(pk=pk).values_list("slug", flat=True).first()
        poll = one_poll(slug)
        if poll is None:
            raise Http404
        return poll

    def totals_view(self, request, pk):
        """Live: htmx asks for the part again every few seconds."""
        poll = self.find(request, pk)
        context = {
            "poll": poll,
            "results": results_of(poll),
            "least_voters": LEAST_VOTERS,
            "hours": (hours := votes_by_hour(poll)),
            "picture_width": 6 * max(len(hours), LEAST_HOURS),
            "texts": articles_with_poll(poll.slug)[:MOST_NAMED],
            "placements": poll.placements.select_related("article").order_by("article__title"),
        }
        if request.htmx:
            return render(request, "admin/polls/poll/_totals.html", context)
        context |= self.admin_site.each_context(request) | {"opts": self.opts, "title": "Totals"}
        return TemplateResponse(request, "admin/polls/poll/totals.html", context)

    def csv_view(self, request, pk):
        """Totals, never people; under ten votes no split here either."""
        results = results_of(self.find(request, pk))
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        name = slugify(results.poll.slug)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        response.write("\ufeff")  # else Excel takes curly quotes for something else
        rows = csv.writer(response)
        poll = results.poll
        rows.writerow(["Address", request.build_absolute_uri(poll.get_absolute_url())])
        rows.writerow(["Kind", poll.get_kind_display()])
        rows.writerow(["State", f"{poll.state} on {timezone.now():%Y-%m-%d %H:%M} UTC"])
        rows.writerow(["Question", _plain(results.poll.question)])
        rows.writerow(["People who voted", results.voters])
        if results.are_shown:
            rows.writerow(["Answer", "Votes", "Percent"])
            for answer in results.answers:
                rows.writerow([_plain(answer.choice.text), answer.votes, answer.percent])
        else:
            rows.writerow([f"The split is given from {LEAST_VOTERS} votes on."])
        return response

    def picker_view(self, request):
        """For the text editor: what can be placed, newest first; ``q`` is part of its words."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        words = request.GET.get("q", "").replace("\x00", "").strip()[:140]
        found = Poll.objects.filter(Q(question__icontains=words) | Q(slug__icontains=words))
        polls = list(found.order_by("-pk")[: MOST_PICKED_FROM + 1])
        rows = [
            {"slug": poll.slug, "question": poll.question, "state": poll.state}
            for poll in polls[:MOST_PICKED_FROM]
        ]
        return JsonResponse({"polls": rows, "more": len(polls) > MOST_PICKED_FROM})

    def get_changeform_initial_data(self, request):
        """With ``?copy=`` the words of another poll, as a draft."""
        initial = super().get_changeform_initial_data(request)
        if poll := self.poll_to_copy(request):
            initial = {name: getattr(poll, name) for name in LOCKED} | {"slug": free_slug(poll)}
        return initial

    def get_formset_kwargs(self, request, obj, inline, prefix):
        """Only for showing: what is sent back unchanged has to be saved all the same."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        poll = None if obj.pk or request.method == "POST" else self.poll_to_copy(request)
        if poll and isinstance(inline, ChoiceInline):
            names = ChoiceForm.Meta.fields
            kwargs["initial"] = [
                {name: getattr(choice, name) for name in names} for choice in poll.choices.all()
            ]
        return kwargs

    def poll_to_copy(self, request) -> Poll | None:
        pk = request.GET.get("copy", "")
        if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
            return None
        return Poll.objects.filter(pk=pk).first() if self.has_view_permission(request) else None

    @admin.display(description="kind", ordering="kind")
    def short_kind(self, poll):
        return poll.get_kind_display().partition(" (")[0]

    @admin.display(description="last day", ordering="closes_at")
    def closes(self, poll):
        return poll.last_day

    @admin.display(description="community poll", ordering="featured_from")
    def featured(self, poll):
        if poll.featured_from is None:
            return None
        days = [timezone.localtime(m) for m in (poll.featured_from, poll.featured_until) if m]
        return " to ".join(date_format(day, "N j, Y") for day in days)

    @admin.display(description="state", ordering="opens_at")
    def state(self, poll):
        return poll.state

    @admin.display(description="votes", ordering="voters")
    def voters(self, poll):
        return poll.voters

    @admin.action(description="Open now", permissions=["change"])
    def open_now(self, request, queryset):
        polls = [p for p in queryset if not p.is_visible]
        for poll in [p for p in polls if p.is_closed]:
            polls.remove(poll)
            words = f"“{poll}” was not opened: its closing date has passed. Change that first."
            self.message_user(request, words, messages.ERROR)
        self._set(request, polls, "Opened", opens_at=timezone.now())

    @admin.action(description="Close now", permissions=["change"])
    def close_now(self, request, queryset):
        polls = [p for p in queryset if p.is_open]
        self._set(request, polls, "Closed", closes_at=timezone.now())

    @admin.action(description="Reopen, without a closing date", permissions=["change"])
    def reopen(self, request, queryset):
        polls = [p for p in queryset if p.is_closed]
        self._set(request, polls, "Reopened", closes_at=None)

    def _set(self, request, polls, done, **values):
        for poll in polls:
            Poll.objects.filter(pk=poll.pk).update(**values)
            self.log_change(request, poll, done)
        level = messages.SUCCESS if polls else messages.WARNING
        self.message_user(request, f"{done}: {len(polls)}.", level)


def free_slug(poll: Poll) -> str:
    stem = poll.slug[:70]
    taken = set(Poll.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbers = range(2, len(taken) + 3)
    return next(slug for n in numbers if (slug := f"{stem}-{n}") not in taken)


def _plain(text: str) -> str:
    """A spreadsheet must not take a choice for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
