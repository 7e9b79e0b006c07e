from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dates import MONTHS

from .fields import PlainForm, WordsField


class DeathForm(PlainForm):
    """Three fields, for a family member or a friend without an account."""

    who = WordsField(
        most=120,
        name="The name",
        label="Who has died?",
        help_text="Their name on this site, or the address of their profile.",
        error_messages={"required": "Enter the name they used here"},
    )
    how_known = WordsField(
        most=500,
        name="Your answer",
        label="How did you know them?",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Tell us how you knew them"},
    )
    how_to_reach = WordsField(
        most=200,
        name="Your answer",
        label="How can we reach you?",
        help_text="An email address or a phone number. Only the people who check this see it.",
        error_messages={"required": "Tell us how we can reach you"},
    )


class RememberForm(PlainForm):
    def __init__(self, *args, member, **kwargs):
        super().__init__(*args, **kwargs)
        self.member = member

    month = forms.TypedChoiceField(
        label="Month (optional)",
        choices=[("", "Not said"), *MONTHS.items()],
        coerce=int,
        empty_value=None,
        required=False,
    )
    year = forms.IntegerField(
        label="Year (optional)", required=False, min_value=2000, max_value=9999
    )
    family_words = WordsField(
        most=500,
        name="The words",
        label="Words from the family (optional)",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    note = WordsField(
        most=300,
        name="The note",
        label="How we know",
        help_text="For the record. Only staff can read it.",
        error_messages={"required": "Say how we know"},
    )

    def clean(self):
        data = super().clean()
        month, year = data.get("month"), data.get("year")
        if "year" in self.errors or "month" in self.errors:
            return data
        if bool(month) != bool(year):
            raise ValidationError("Enter both the month and the year, or neither")
        data["died_in"] = date(year, month, 1) if year else None
        if data["died_in"] and data["died_in"] > date.today():  # noqa: DTZ011
            raise ValidationError("Enter a month that has begun")
        joined = timezone.localdate(self.member.joined_at)
        if data["died_in"] and data["died_in"] < joined.replace(day=1):
            raise ValidationError(
                f"{self.member} joined in {joined:%B %Y}. Enter that month or a later one, or none"
            )
        return data
