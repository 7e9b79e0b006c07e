"""The page an article is written on: form, state, what is missing, and the way to readers."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms.utils import ErrorDict
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware, make_aware

from .. import unsaved_words
from ..models import Article
from ..moments import in_words
from ..presence import others_at
from ..publishing import NotReady, missing, publish, schedule, submit
from ..revisions import content_of, save_revision, start_article, working_revision
from ..rights import edits_all, may_publish, may_start, may_write
from .write_form import WriteForm

DEEDS = {"save", "preview", "submit", "publish", "schedule"}


def find(request, object_id) -> Article:
    """An article this person may write, or 404."""
    if not str(object_id).isdecimal() or len(str(object_id)) > 18:
        raise Http404
    article = Article.objects.filter(pk=object_id).first()
    if article is None or not may_write(request.user, article):
        raise Http404
    return article


def write(request, admin, object_id=None):
    """Editors: any article. Contributors: their own."""
    article = find(request, object_id) if object_id else None
    if article is None and not may_start(request.user):
        raise PermissionDenied
    if request.method == "POST":
        return save(request, admin, article)
    return show(request, admin, article, open_form(request, article))


def open_form(request, article, posted=None) -> WriteForm:
    working = working_revision(article) if article else None
    content = working.content if working else empty_content(request.user)
    number = working.number if working else 0
    form = WriteForm(posted, editor=request.user, content=content, base=number, article=article)
    form.working = working
    return form


def empty_content(editor) -> dict:
    """A contributor's new article is hers by name as well."""
    content = content_of_new()
    if not edits_all(editor) and (contributor := getattr(editor, "contributor", None)):
        content["contributors"] = [contributor.pk]
    return content


def content_of_new() -> dict:
    blank = Article()
    blank.pk = 0  # no rows belong to it
    return content_of(blank)


def show(request, admin, article, form: WriteForm, *, status=200):
    """The form; words that were kept but not saved come first, and a line says so."""
    kept = unsaved_words.kept(article, request.user)
    if kept and not form.is_bound:
        form = open_form(request, article, unsaved_words.as_posted(kept))
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
        "missing": missing(article, content) if article else [],
        "others": others_at(article, request.user) if article else [],
        "may_publish": may_publish(request.user),
        "has_newer_words": bool(
            article
            and article.published_at
            and working.pk
            and working.pk != article.live_revision_id
        ),
        "sent_back": last_sent_back(article),
        "errors": [(form[name], errors) for name, errors in form.errors.items()],
    }
    return TemplateResponse(request, "admin/articles/article/write.html", context, status=status)


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
    form = open_form(request, article, request.POST)
    if not form.is_valid():
        unsaved_words.keep(article, request.user, request.POST)
        return show(request, admin, article, form)
    saved = keep_revision(request, article, form)
    unsaved_words.forget(article, request.user)
    article = saved.revision.article
    if saved.newer:
        return redirect("admin:articles_article_conflict", article.pk, saved.revision.number)
    say_saved(request, saved)
    return do(request, article, deed, saved.revision)


def keep_revision(request, article, form):
    note = form.cleaned_data["note"]
    if article is None:
        return start_article(form.content(), by=request.user, note=note)
    base = form.cleaned_data["base"]
    return save_revision(article, form.content(), by=request.user, base=base or 0, note=note)


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
            case "submit" if submit(article, by=request.user):
                messages.success(request, "Submitted. An editor will read it.")
            case "publish" if publish(article, by=request.user):
                messages.success(request, "Published. Readers see these words now.")
            case "schedule":
                moment = read_moment(request.POST.get("at", ""))
                if schedule(article, moment, by=request.user):
                    messages.success(request, f"Scheduled for {in_words(moment)}.")
    except NotReady as not_ready:
        for sentence in not_ready.sentences:
            messages.error(request, sentence)
        messages.warning(request, "Your words are saved, and readers see no change.")
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
