from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from articles.where_used import articles_with_poll

from ..models import MOST_CHOICES, Choice, Placement, Poll

LOCKED = ("kind", "slug", "question", "context", "min_choices", "max_choices")
MOMENTS = ("opens_at", "closes_at", "featured_from", "featured_until")
# The last evening of 9999 is past what Python can read back: every page with the poll would fail.
LAST_YEAR = 2200
VOTED_MEANWHILE = (
    "People have voted since you opened this page, so this stays as it was. Copy what you wrote "
    "into a note, or close this poll and make a new one."
)


class PollForm(forms.ModelForm):
    class Meta:
        model = Poll
        fields = [
            "kind",
            "question",
            "slug",
            "context",
            "min_choices",
            "max_choices",
            "note",
            "opens_at",
            "closes_at",
            "featured_from",
            "featured_until",
        ]
        widgets = {"note": forms.Textarea(attrs={"rows": 2, "cols": 80})}

    def clean(self):
        """The numbers mean something for "Pick several" only; elsewhere they are one."""
        cleaned = super().clean()
        if cleaned.get("kind") in (Poll.Kind.THIS_OR_THAT, Poll.Kind.ONE):
            cleaned["min_choices"] = cleaned["max_choices"] = 1
        if self.instance.pk:
            self.refuse_late_changes()
        self.refuse_a_far_future(cleaned)
        self.refuse_a_second_featured(cleaned)
        return cleaned

    def refuse_a_far_future(self, cleaned):
        for name in MOMENTS:
            if cleaned.get(name) and cleaned[name].year > LAST_YEAR:
                self.add_error(name, f"Write a year up to {LAST_YEAR}, or leave it empty.")

    def refuse_late_changes(self):
        """The poll's row is held until all is saved: a vote comes before this, or after."""
        stored = Poll.objects.select_for_update().get(pk=self.instance.pk)
        if stored.has_votes:
            for name in set(LOCKED) & set(self.changed_data):
                self.add_error(name, VOTED_MEANWHILE)
        elif "slug" in self.changed_data:
            used = articles_with_poll(stored.slug).first()
            if used is not None:
                self.add_error(
                    "slug", f"“{used}” holds [[poll:{stored.slug}]]. Take it out of there first."
                )
            elif stored.is_visible:
                self.add_error("slug", "The poll is open: links lead to its address. It stays.")

    def refuse_a_second_featured(self, cleaned):
        """As the database does, and with the name of the other one."""
        start, end = cleaned.get("featured_from"), cleaned.get("featured_until")
        if start is None or (end is not None and end <= start):
            return
        other = Poll.objects.exclude(pk=self.instance.pk).featured_between(start, end).first()
        if other is not None:
            self.add_error(
                "featured_from",
                format_html(
                    "“{}” is the community poll then. Choose other dates, or write an end into "
                    '<a href="{}">that one</a> first.',
                    other.question,
                    reverse("admin:polls_poll_change", args=[other.pk]),
                ),
            )


class ChoiceFormSet(forms.BaseInlineFormSet):
    def clean(self):
        super().clean()
        if self.instance.has_votes:
            if any({"text", "picture", "DELETE"} & set(form.changed_data) for form in self.forms):
                raise ValidationError(VOTED_MEANWHILE)
            return
        kept = [f for f in self.forms if f.cleaned_data and not f.cleaned_data.get("DELETE")]
        texts = [f.cleaned_data.get("text", "").strip().casefold() for f in kept]
        if len(set(texts)) < len(texts):
            raise ValidationError("Write each choice only once.")
        if self.instance.is_this_or_that and len(kept) != 2:
            raise ValidationError("“This or That” has exactly two choices.")
        if not 2 <= len(kept) <= MOST_CHOICES:
            raise ValidationError(f"Write 2 to {MOST_CHOICES} choices.")
        if self.instance.max_choices > len(kept):
            raise ValidationError("“At most” is larger than the number of choices.")

    def save(self, commit=True):
        """Choices are numbered in the order in which they stand."""
        taken = {f.instance.position for f in self.initial_forms}
        free = iter(p for p in range(1, MOST_CHOICES + 1) if p not in taken)
        for form in self.extra_forms:
            if form.has_changed() and not form.cleaned_data.get("DELETE"):
                form.instance.position = next(free)
        return super().save(commit)


class ChoiceForm(forms.ModelForm):
    class Meta:
        model = Choice
        fields = ["text", "picture", "follow_text", "follow_url"]
        # All four side by side on a desk of 1,280 pixels.
        widgets = {
            "text": forms.TextInput(attrs={"size": 18}),
            "follow_text": forms.TextInput(attrs={"size": 12}),
            "follow_url": forms.TextInput(attrs={"size": 12}),
        }


class PlacementForm(forms.ModelForm):
    class Meta:
        model = Placement
        fields = ["article"]
