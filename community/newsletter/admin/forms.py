"""What editors fill in about a letter: its words, its minute, where a try goes."""

from datetime import timedelta

from django import forms
from django.utils import timezone

from advocacy_site.html import TooMuch, render_prose

from ..models import Issue

# A slip in the year would wait unseen; and the last hours of 9999 are past what Python can read.
FURTHEST = timedelta(days=366)


class IssueForm(forms.ModelForm):
    class Meta:
        model = Issue
        fields = ["kind", "subject", "discreet_subject", "opening", "body", "in_archive"]
        widgets = {"body": forms.Textarea(attrs={"rows": 24})}

    def clean_body(self):
        body = self.cleaned_data["body"].replace("\r\n", "\n")
        try:
            render_prose(body)
        except TooMuch as too_much:
            raise forms.ValidationError(str(too_much)) from too_much
        return body

    def clean(self):
        """Read again, locked, in the transaction of the request: the first mail may have left
        while she was writing."""
        if self.instance.pk:
            now = Issue.objects.select_for_update().filter(pk=self.instance.pk).first()
            if now is None or not now.may_change:
                raise forms.ValidationError(
                    "This letter is on its way already: its words cannot change any more."
                )
        return super().clean()


class WhenForm(forms.Form):
    when = forms.SplitDateTimeField(
        widget=forms.SplitDateTimeWidget(
            date_format="%Y-%m-%d",
            time_format="%H:%M",
            date_attrs={"type": "date", "aria-label": "Date"},
            time_attrs={"type": "time", "aria-label": "Time"},
        ),
        error_messages={
            "required": "Enter a date and a time, such as 2026-12-24 and 09:00.",
            "invalid": "Enter a date and a time, such as 2026-12-24 and 09:00.",
            "invalid_date": "Enter the date in this form: 2026-12-24.",
            "invalid_time": "Enter the time in this form: 09:00.",
        },
    )

    def clean_when(self):
        when = self.cleaned_data["when"]
        if when and when <= timezone.now():
            raise forms.ValidationError(
                "That minute has passed. Choose a later one, or send the letter now."
            )
        if when and when > timezone.now() + FURTHEST:
            raise forms.ValidationError("Choose a day within the next year.")
        return when


class TryForm(forms.Form):
    address = forms.EmailField(
        max_length=254,
        error_messages={
            "required": "Enter an address to send the try to.",
            "invalid": "Enter an address in this form: name@example.com.",
        },
    )
    discreet = forms.BooleanField(required=False)
