"""The form an article is written in. A draft may lack almost anything and is still saved."""

import uuid

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple

from advocacy_site.html import TooMuch
from advocacy_site.markdown.bounds import check_bounds
from advocacy_site.markdown_editor import MarkdownEditor
from advocacy_site.typed_text import TypedField
from community.policies.models import PolicyVersion

from ..models import Article, Byline, Contributor, Picture, Topic
from ..revisions import free_slug, slug_is_taken, was_made
from ..rights import edits_all, visible_pictures

# One more place for a name than there are names, three at least.
LEAST_WRITERS = 3


def help_of(name: str) -> str:
    return Article._meta.get_field(name).help_text


def text(label: str, most: int, *, rows: int = 1, hint: str = "", **attrs) -> TypedField:
    widget = forms.Textarea({"rows": rows, **attrs}) if rows > 1 else forms.TextInput(attrs)
    return TypedField(label=label, max_length=most, required=False, help_text=hint, widget=widget)


def day(label: str, hint: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        help_text=hint,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Write the day as 2026-10-03."},
    )


class WriteForm(forms.Form):
    base = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    # One for each opened form, so that a double press of Save makes one article.
    key = forms.RegexField(
        r"\A[0-9a-f]{32}\Z", required=False, widget=forms.HiddenInput, empty_value=None
    )
    # What was kept by another form and shown in this one (unsaved_words.take).
    took = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    title = text("Title", 120)
    slug = forms.SlugField(
        label="Address",
        max_length=120,
        required=False,
        help_text="Empty: made from the title, and follows it until readers see the article."
        " After a later change the old address leads here.",
        error_messages={"invalid": "Use small letters, digits and hyphens, like my-article."},
    )
    standfirst = text("Standfirst", 250, rows=2, hint=help_of("standfirst"))
    key_points = text("Key points", 2_000, rows=5, hint=help_of("key_points"))
    body = TypedField(
        label="Text",
        required=False,
        strip=False,
        widget=MarkdownEditor({"rows": 24}),
        help_text="Plain text with a few marks. The buttons put them in for you.",
    )
    hero = forms.ModelChoiceField(
        Picture.objects.all(), label="Picture", required=False, widget=forms.Select
    )
    hero_alt = text("Alternative text", 250, rows=2, hint=help_of("hero_alt"))
    hero_is_decorative = forms.BooleanField(
        label="The picture is decorative",
        required=False,
        help_text=help_of("hero_is_decorative"),
    )
    hero_focus = forms.ChoiceField(
        label="Focus", choices=Article.Focus, required=False, help_text=help_of("hero_focus")
    )
    main_topic = forms.ModelChoiceField(
        Topic.objects.all(), label="Main topic", required=False, empty_label="None yet"
    )
    other_topics = forms.ModelMultipleChoiceField(
        Topic.objects.all(),
        label="Other topics",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    content_notes = forms.MultipleChoiceField(
        label="Content notes",
        choices=Article.ContentNote,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=help_of("content_notes"),
    )
    related = forms.ModelMultipleChoiceField(
        Article.objects.all(), label="Read next", required=False, help_text=help_of("related")
    )
    disclaimer = forms.ModelChoiceField(
        PolicyVersion.objects.filter(policy__kind="disclaimer").select_related("policy"),
        label="Disclaimer",
        required=False,
        empty_label="The one in force",
        help_text="Choose another only if this article must keep it.",
    )
    is_demonstration = forms.BooleanField(
        label="Demonstration article", required=False, help_text=help_of("is_demonstration")
    )
    change_note = text(
        "What changed",
        200,
        hint="One sentence for readers. It appears with the date when these words go live.",
    )
    reviewed_on = day("Reviewed on", help_of("reviewed_on"))
    reviewed_by = text("Reviewed by", 120, hint=help_of("reviewed_by"))
    review_due = day("Next check", "It appears on your first page when it is due.")
    note = text(
        "Note for the history", 200, hint="For colleagues: what this save is about. (optional)"
    )

    GROUPS = (
        ("Words", ("title", "standfirst", "key_points", "body")),
        ("Topics and people", ("main_topic", "other_topics", "writers")),
        ("Picture", ("hero", "hero_alt", "hero_is_decorative", "hero_focus")),
        ("For readers", ("content_notes", "related", "disclaimer", "is_demonstration")),
        (
            "Changes, checks and address",
            ("change_note", "reviewed_on", "reviewed_by", "review_due", "slug"),
        ),
    )
    ONLY_EDITORS = (
        "related",
        "disclaimer",
        "is_demonstration",
        "reviewed_on",
        "reviewed_by",
        "review_due",
        "slug",
    )

    def __init__(self, data=None, *, editor, content: dict, base: int, article=None):
        """``content`` is that of the revision worked on, number ``base``."""
        super().__init__(data, initial=initial_from(content) | {"base": base}, label_suffix="")
        self.initial["key"] = uuid.uuid4().hex
        self.content_before = content
        self.article = article
        self.writer_names = []
        if edits_all(editor):
            self._add_writers(content["contributors"])
        else:
            for name in self.ONLY_EDITORS:
                del self.fields[name]
        pictures = visible_pictures(editor, Picture.objects.all())
        # One that was chosen for her stays, also if it is not hers to choose.
        self.fields["hero"].queryset = pictures | Picture.objects.filter(pk=content["hero"])
        self._choose_by_search()
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"hint_{name}"

    def _add_writers(self, pks: list[int]) -> None:
        places = max(LEAST_WRITERS, len(pks) + 1)
        for place in range(places):
            name = f"writer_{place}"
            self.writer_names.append(name)
            self.fields[name] = forms.ModelChoiceField(
                Contributor.objects.all(),
                label="Written by" if place == 0 else f"Name {place + 1} (optional)",
                required=False,
                initial=pks[place] if place < len(pks) else None,
                widget=AutocompleteSelect(Byline._meta.get_field("contributor"), admin.site),
            )

    def _choose_by_search(self) -> None:
        for name, widget in (("hero", AutocompleteSelect), ("related", AutocompleteSelectMultiple)):
            if name not in self.fields:
                continue
            field = Article._meta.get_field(name)
            self.fields[name].widget = widget(field, admin.site)
            self.fields[name].widget.choices = self.fields[name].choices

    def groups(self):
        """``(heading, fields)`` in the order of the page, without those this editor lacks."""
        for heading, names in self.GROUPS:
            names = [
                n for name in names for n in (self.writer_names if name == "writers" else [name])
            ]
            if fields := [self[name] for name in names if name in self.fields]:
                yield heading, fields

    def clean_body(self):
        body = self.cleaned_data["body"].replace("\r\n", "\n")
        try:
            check_bounds(body)
        except TooMuch as too_much:
            raise forms.ValidationError(str(too_much)) from too_much
        return body

    def clean_slug(self):
        slug = self.cleaned_data["slug"].lower()
        if not slug and self.article:
            return self.content_before["slug"]
        if slug and slug_is_taken(slug, by_other_than=self.article):
            raise forms.ValidationError(
                f"Another article is at /articles/{slug}/. Choose another address."
            )
        return slug

    def content(self) -> dict:
        """The content of the next revision; what this editor may not set stays as it was."""
        said = self.cleaned_data
        content = dict(self.content_before)
        for name in content.keys() & said.keys():
            content[name] = said[name]
        for name in ("hero", "disclaimer"):
            if name in said:
                content[name] = said[name] and said[name].pk
        for name in ("reviewed_on", "review_due"):
            if name in said:
                content[name] = said[name] and said[name].isoformat()
        if "related" in said:
            content["related"] = sorted(article.pk for article in said["related"])
        if "hero_focus" in said:
            content["hero_focus"] = said["hero_focus"] or Article.Focus.CENTER
        content["key_points"] = content["key_points"].replace("\r\n", "\n")
        content["topics"] = self._topics()
        if self.writer_names:
            chosen = (said[name] for name in self.writer_names)
            content["contributors"] = list(dict.fromkeys(c.pk for c in chosen if c))
        if not content["slug"] or self._follows_title(content):
            content["slug"] = free_slug(content["title"], of=self.article)
        return content

    def _follows_title(self, content: dict) -> bool:
        """The address was made from the title before, and nobody has seen it yet."""
        before = self.content_before
        if self.article is None or self.article.published_at:
            return False
        is_new_title = content["title"] and content["title"] != before["title"]
        is_untouched = content["slug"] == before["slug"]
        return bool(is_new_title and is_untouched and was_made(before["slug"], before["title"]))

    def _topics(self) -> list[int]:
        """The main one first, the others in the order they had, then the new ones."""
        main, others = self.cleaned_data["main_topic"], self.cleaned_data["other_topics"]
        chosen = {topic.pk for topic in others}
        ordered = [main.pk] if main else []
        ordered += [pk for pk in self.content_before["topics"] if pk in chosen]
        ordered += [topic.pk for topic in others]
        return list(dict.fromkeys(ordered))


def initial_from(content: dict) -> dict:
    topics = content["topics"]
    return {
        **{
            name: value for name, value in content.items() if name not in {"topics", "contributors"}
        },
        "main_topic": topics[0] if topics else None,
        "other_topics": topics[1:],
    }
