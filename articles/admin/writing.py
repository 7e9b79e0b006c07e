"""The page an article is written on: form, state, what is missing, and the way to readers."""

import re
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.forms.utils import ErrorDict
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware, make_aware

from .. import unsaved_words
from ..models import Article, Revision
from ..moments import in_words, site_clock
from ..presence import others_at
from ..publishing import NotReady, missing, publish, schedule, submit
from ..revisions import as_article, blank_content, save_revision, start_article, working_revision
from ..rights import edits_all, may_publish, may_read, may_start, may_write
from .write_form import WriteForm

KEY = re.compile(r"[0-9a-f]{32}")
DEEDS = {"save", "preview", "submit", "publish", "schedule"}


def find(request, object_id, *, may=may_write) -> Article:
    """An article this person may write (or ``may_read``), or 404."""
    if not str(object_id).isdecimal() or len(str(object_id)) > 18:
        raise Http404
    article = Article.objects.filter(pk=object_id).first()
    if article is None or not may(request.user, article):
        raise Http404
    return article


def write(request, admin, object_id=None):
    """Editors: any article. Contributors: their own. Who may only read gets no form."""
    article = find(request, object_id, may=may_read) if object_id else None
    if article and not may_write(request.user, article):
        return read(request, admin, article)
    if article is None and not may_start(request.user):
        raise PermissionDenied
    if request.method == "POST":
        return save(request, admin, article)
    return show(request, admin, article, open_form(request, article))


def read(request, admin, article):
    """Staff who may see articles: the newest words, and the ways to their history."""
    if request.method != "GET":
        raise PermissionDenied
    content = working_revision(article).content
    context = {
        **admin.admin_site.each_context(request),
        "opts": Article._meta,
        "title": str(article),
        "article": article,
        "shown": as_article(article, content),
        "working": Revision.objects.working(article),
    }
    return TemplateResponse(request, "admin/articles/article/read.html", context)


def open_form(request, article, posted=None) -> WriteForm:
    working = working_revision(article) if article else None
    content = working.content if working else empty_content(request.user)
    number = working.number if working else 0
    form = WriteForm(posted, editor=request.user, content=content, base=number, article=article)
    form.working = working
    return form


def empty_content(editor) -> dict:
    """A contributor's new article is hers by name as well."""
    content = blank_content()
    if not edits_all(editor) and (contributor := getattr(editor, "contributor", None)):
        content["contributors"] = [contributor.pk]
    return content


def show(request, admin, article, form: WriteForm, *, status=200):
    """The form; words that were kept but not saved come first, and a line says so."""
    begun = unsaved_words.begun(article, request.user)
    kept = to_go_on_with(request, article, form, begun)
    if kept and not form.is_bound:
        form = open_form(request, article, words_for_a_form(article, kept))
        form._errors = ErrorDict()  # shown as they were left, not judged
        form.is_kept = True
    working, content = form.working, form.content_before
    context = {
        **admin.admin_site.each_context(request),
        "opts": Article._meta,
        "title": str(article) if article else "New article",
        "form": form,
        "media": admin.media + form.media,
        "article": article,
        "working": working,
        "kept": kept if getattr(form, "is_kept", False) else None,
        "begun": begun_elsewhere(form, begun, kept),
        "missing": missing(article, content) if article else [],
        "others": others_at(article, request.user) if article else [],
        "may_publish": may_publish(request.user),
        "at": request.POST.get("at", request.GET.get("at", ""))[:30],
        "has_newer_words": bool(
            article
            and article.published_at
            and working.pk
            and working.pk != article.live_revision_id
        ),
        "sent_back": last_sent_back(article),
        "lacks_name": not edits_all(request.user) and not hasattr(request.user, "contributor"),
        "errors": [
            (form[name], errors) for name, errors in form.errors.items() if name in form.fields
        ],
        "other_errors": form.non_field_errors(),
    }
    return TemplateResponse(request, "admin/articles/article/write.html", context, status=status)


def to_go_on_with(request, article, form, begun):
    """What she asks for by its key; for an article, else what she kept last and has not saved
    since."""
    if "key" in request.GET:
        key = unsaved_words.key_of(request.GET)
        return next((words for words in begun if words.key == key), None)
    if not (article and begun):
        return None
    newest, saved = begun[0], form.working
    is_saved_since = saved.made_by_id == request.user.pk and saved.made_at > newest.kept_at
    return None if is_saved_since else newest


def words_for_a_form(article, kept):
    """An article may be open in another tab with the same words, which goes on for itself."""
    return unsaved_words.take(kept) if article else unsaved_words.as_posted(kept)


def begun_elsewhere(form, begun, kept) -> list:
    """What she began in other forms and never saved: ``(words, how they begin)``."""
    here = {form["key"].value(), kept.key if kept else None}
    return [(words, unsaved_words.first_words(words)) for words in begun if words.key not in here]


def last_sent_back(article):
    """Why it was sent back, while it waits to be submitted again."""
    if not article or article.submitted_at or article.published_at:
        return None
    last = article.audit_entries.filter(deed__in=["sent-back", "submitted"]).first()
    return last if last and last.deed == "sent-back" else None


def save(request, admin, article):
    """Keep the words first, whatever else was asked for; then do that."""
    deed = request.POST.get("do", "save")
    if deed not in DEEDS:
        deed = "save"
    if deed in {"publish", "schedule"} and not may_publish(request.user):
        raise PermissionDenied
    # A second press, or Back and once more, goes on with what the first one made.
    key = unsaved_words.key_of(request.POST)
    article = article or started_with(request)
    form = open_form(request, article, request.POST)
    if not form.is_valid():
        unsaved_words.keep(article, request.user, request.POST)
        return show(request, admin, article, form)
    saved = keep_revision(request, article, form)
    if saved is None:
        unsaved_words.keep(article, request.user, request.POST)
        return show(request, admin, article, form)
    unsaved_words.forget_taken(article, request.user, request.POST)
    unsaved_words.forget(article, request.user, key)
    if key:
        unsaved_words.forget(None, request.user, key)
    article = saved.revision.article
    if saved.newer:
        if deed in {"publish", "schedule", "submit"}:
            messages.warning(request, "Nothing was sent on to readers or to review.")
        return redirect("admin:articles_article_conflict", article.pk, saved.revision.number)
    say_saved(request, saved)
    return do(request, article, deed, saved.revision)


def keep_revision(request, article, form):
    """None, with the error in the form, when another article took the address a moment ago."""
    note, by, base = form.cleaned_data["note"], request.user, form.cleaned_data["base"] or 0
    for _ in range(2):  # an address made from the title is made anew
        try:
            with transaction.atomic():
                if article:
                    return save_revision(article, form.content(), by=by, base=base, note=note)
                key = form.cleaned_data["key"]
                return start_article(form.content(), by=by, note=note, key=key)
        except IntegrityError:
            article = article or started_with(request)
    form.add_error("slug" if "slug" in form.fields else None, "Another article has this address.")
    return None


def started_with(request) -> Article | None:
    """The article that an earlier press of the same new form has made already."""
    key = request.POST.get("key", "")
    if not KEY.fullmatch(key):
        return None
    return Article.objects.filter(form_key=key, created_by=request.user).first()


def say_saved(request, saved):
    number = saved.revision.number
    text = f"Saved as revision {number}." if saved.changed else f"Revision {number} says the same."
    messages.success(request, text)


def do(request, article, deed, revision):
    """What the pressed button asks for, after its words are safe."""
    here = redirect("admin:articles_article_change", article.pk)
    try:
        match deed:
            case "preview":
                return redirect("admin:articles_article_preview_page", article.pk, revision.number)
            # A second press finds it done, and is told the same.
            case "submit":
                submit(article, by=request.user)
                messages.success(request, "Submitted. An editor will read it.")
            case "publish":
                # Exactly what was saved here: a colleague may have saved again since.
                publish(article, by=request.user, revision=revision)
                messages.success(request, "Published. Readers see these words now.")
            case "schedule":
                moment = read_moment(request.POST.get("at", ""))
                schedule(article, moment, by=request.user, revision=revision)
                messages.success(
                    request, f"Scheduled for {in_words(moment)}. That is {site_clock()}."
                )
    except NotReady as not_ready:
        for sentence in not_ready.sentences:
            messages.error(request, sentence)
        messages.warning(request, "Your words are saved, and readers see no change.")
        if deed == "schedule":  # the moment is asked for again with what was typed
            at = urlencode({"at": request.POST.get("at", "")[:30]})
            here = redirect(f"{reverse('admin:articles_article_change', args=[article.pk])}?{at}")
    return here


def read_moment(text: str):
    """The moment of a date and time field, at the site's clock. Raises NotReady."""
    try:
        moment = parse_datetime(text.strip())
        if moment and not is_aware(moment):
            moment = make_aware(moment)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or not 2000 <= moment.year <= 2200:
        raise NotReady("Choose the day and the time.")
    return moment
