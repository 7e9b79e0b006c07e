from django import forms
from django.core.exceptions import ValidationError

from ..models import MOST_CHOICES, Choice, Placement, Poll


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
        return cleaned


class ChoiceFormSet(forms.BaseInlineFormSet):
    def clean(self):
        super().clean()
        if self.instance.has_votes:
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


class PlacementForm(forms.ModelForm):
    class Meta:
        model = Placement
        fields = ["article"]
