"""What moderators and members type, looked at without trust."""

from datetime import date, datetime, time, timedelta

from django import forms
from django.utils import timezone

from community.comments import words
from community.comments.forms import MOST_NOTE

from .models import StockReply

MOST_WHY = 2_000
MOST_OWN_WORDS = 3_000
LONGEST_PAUSE = timedelta(days=366)


class Words(forms.CharField):
    """A box of words: one kind of new line, nothing that turns the text around."""

    def __init__(self, *, most, rows=4, **more):
        more.setdefault("error_messages", {})["max_length"] = f"Use {most:,} characters or fewer."
        super().__init__(
            max_length=most, widget=forms.Textarea(attrs={"rows": rows, "maxlength": None}), **more
        )

    def to_python(self, value):
        return words.tidy(super().to_python(value))

    def widget_attrs(self, widget):
        return {}


class DecisionForm(forms.Form):
    """Has the fields that one deed needs; the others are left out."""

    text = Words(
        most=words.MOST_CHARACTERS,
        rows=8,
        label="The comment without the detail",
        error_messages={"required": "Leave something of the comment, or take it down."},
    )
    content_note = forms.CharField(
        max_length=MOST_NOTE,
        required=False,
        label="The content note before it (optional)",
        help_text="Empty: it has none.",
        error_messages={"max_length": f"Use {MOST_NOTE} characters or fewer."},
    )
    rule = forms.TypedChoiceField(
        label="Which rule",
        coerce=int,
        error_messages={"required": "Choose the rule", "invalid_choice": "Choose the rule"},
    )
    quoted = Words(
        most=600,
        rows=2,
        required=False,
        label="Which words (optional)",
        help_text="Copied from the comment. Empty: all of it.",
    )
    until = forms.DateField(
        label="Until",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="It ends by itself at the start of that day.",
        error_messages={
            "required": "Choose the day it ends",
            "invalid": "Write the day as 2026-12-31",
        },
    )
    ask_about = forms.CharField(
        max_length=80,
        required=False,
        label="This is not medical advice. Ask your team about … (optional)",
        error_messages={"max_length": "Use 80 characters or fewer."},
    )
    note = Words(most=500, rows=3, required=False, label="Your note, for everyone (optional)")
    source_title = forms.CharField(
        max_length=160,
        required=False,
        label="Its source (optional)",
        help_text="For example: National Cancer Institute, Metastatic Cancer, 2025.",
        error_messages={"max_length": "Use 160 characters or fewer."},
    )
    source_url = forms.URLField(
        max_length=300,
        required=False,
        assume_scheme="https",
        label="The address of the source (optional)",
        error_messages={"invalid": "Copy the whole address, from https:// on"},
    )
    why = Words(
        most=MOST_WHY,
        rows=3,
        label="Why, for moderators",
        help_text="Stands in the record. The writer does not see it.",
        error_messages={"required": "Write why you decide so"},
    )
    own_words = Words(
        most=MOST_OWN_WORDS,
        rows=5,
        required=False,
        label="Your words to the writer (optional)",
        help_text="They come first. What we did, the rule and how to appeal follow by themselves.",
        error_messages={"required": "Write your message first"},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    newest_report = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=0, max_value=2**62
    )

    worries = forms.CharField(widget=forms.HiddenInput, required=False, max_length=500)

    def __init__(self, deed, *args, headings, comment=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.deed, self.comment = deed, comment
        needs = deed.needs
        if not deed.takes_rule:
            del self.fields["rule"], self.fields["quoted"]
        else:
            self.fields["rule"].choices = [
                ("", "Choose a rule"),
                *((number, f"{number}. {heading}") for number, heading in headings.items()),
            ]
            if comment is None:
                del self.fields["quoted"]
        if "text" not in needs:
            del self.fields["text"]
        if "text" not in needs or not comment.content_note:
            del self.fields["content_note"]
        if not needs & {"until", "maybe-until"}:
            del self.fields["until"]
        elif "maybe-until" in needs:
            self.fields["until"].required = False
            self.fields["until"].label = "Until (optional)"
            self.fields["until"].help_text = "Empty: it has no end date."
        if "note" not in needs:
            for name in ("ask_about", "note", "source_title", "source_url"):
                del self.fields[name]
        if "why" not in needs:
            self.fields["why"].required = False
            self.fields["why"].label = "Why, for moderators (optional)"
        if "words" in needs:
            self.fields["own_words"].required = True
            self.fields["own_words"].label = "Your message"

    def clean_worries(self) -> frozenset[int]:
        """The keys of reports; odd input is none."""
        keys = self.cleaned_data["worries"].split(",")
        return frozenset(int(key) for key in keys if key.isdecimal() and len(key) < 19)

    def clean_until(self):
        day = self.cleaned_data["until"]
        if day is None:
            return None
        today = timezone.localdate()
        if day <= today:
            raise forms.ValidationError("Choose a day after today")
        if "maybe-until" not in self.deed.needs and day > today + LONGEST_PAUSE:
            raise forms.ValidationError("A pause lasts a year at most")
        if day > date(2999, 1, 1):
            raise forms.ValidationError("Leave it empty for no end date")
        return timezone.make_aware(datetime.combine(day, time.min))

    def clean_text(self):
        text = self.cleaned_data["text"]
        if problem := words.problem_with(text):
            raise forms.ValidationError(problem)
        return text

    def clean_source_url(self):
        url = self.cleaned_data["source_url"]
        if url and not url.startswith("https://"):
            raise forms.ValidationError("Use an address that begins with https://")
        return url

    def clean(self):
        data = super().clean()
        if "text" in self.deed.needs and not self.errors:
            now = (data["text"], data.get("content_note", self.comment.content_note))
            if now == (self.comment.source, self.comment.content_note):
                self.add_error("text", "Take the detail out first")
        if "note" in self.deed.needs and not self.errors:
            if not data["note"] and not data["ask_about"]:
                self.add_error("note", "Write a note, or what to ask the team about")
            if data["source_url"] and not data["source_title"]:
                self.add_error("source_title", "Write what the source is")
        return data

    @property
    def note_of(self) -> dict:
        names = ("note", "ask_about", "source_title", "source_url")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


class ReplyChoice(forms.Form):
    """Which stock reply to put into the message."""

    reply = forms.ModelChoiceField(StockReply.objects.none(), required=False)

    def __init__(self, deed, *args, is_worried=False, **kwargs):
        super().__init__(*args, **kwargs)
        replies = StockReply.objects.filter(what__in=["", deed.key])
        self.replies = sorted(
            replies, key=lambda reply: (reply.is_crisis != is_worried, reply.country, reply.title)
        )

    def chosen(self, pk: str) -> str:
        return next((reply.words for reply in self.replies if str(reply.pk) == pk), "")


class PassOnForm(forms.Form):
    what = forms.ChoiceField(choices=[("asked", ""), ("handed", ""), ("escalated", "")])
    words = Words(
        most=500,
        rows=3,
        label="What should they know?",
        error_messages={"required": "Write what the others should know"},
    )


class OneBox(forms.Form):
    """A single box: an appeal, a staff note, a hand-over."""

    words = Words(most=1000, rows=4, label="Your words")

    def __init__(self, *args, label="Your words", most=1000, empty="Write something first", **more):
        super().__init__(*args, **more)
        self.fields["words"] = Words(
            most=most, rows=5, label=label, error_messages={"required": empty}
        )


class AppealAnswerForm(forms.Form):
    what = forms.ChoiceField(
        label="What will you do?",
        choices=[("restored", "Undo the decision"), ("upheld", "Let it stand")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one"},
    )
    why = Words(
        most=MOST_WHY,
        rows=3,
        label="Why, for moderators",
        error_messages={"required": "Write why you decide so"},
    )
    own_words = Words(
        most=MOST_OWN_WORDS,
        rows=5,
        label="Your words to the writer",
        error_messages={"required": "Write to the writer why you decided so"},
    )
