from django import forms
from django.core import signing
from django.core.validators import EmailValidator
from django.utils import timezone

from articles.models import Topic

from .addresses import likely_meant, normalize
from .models import Subscriber
from .models.subscriber import Choice
from .wording import wording_in_force, wording_number

# Nobody reads the sentence, types an address and ticks a box faster than this.
FASTEST_SECONDS = 2
STALE_SECONDS = 30 * 24 * 60 * 60

WRITE_IT_SO = "Enter an email address in this form: name@example.com"

# Not "localhost": at the relay that is the relay's own people.
validate_email = EmailValidator(allowlist=[])


def stamp(page: str) -> str:
    """What a form carries about itself: which words it showed, on which page, and when."""
    wording = wording_in_force()
    signer = signing.TimestampSigner(salt="newsletter:form")
    return signer.sign_object({"wording": wording.number, "page": page[:300]})


def read_stamp(value: str) -> tuple[dict, float]:
    """The stamp and its age in seconds. Raises BadSignature."""
    signer = signing.TimestampSigner(salt="newsletter:form")
    facts = signer.unsign_object(value, max_age=STALE_SECONDS)
    signed_at = signing.b62_decode(value.rsplit(":", 2)[1])
    return facts, timezone.now().timestamp() - signed_at


class SignupForm(forms.Form):
    """Valid once the address can exist, a choice is made, and a likely slip was looked at."""

    email = forms.CharField(
        max_length=254,
        error_messages={
            "required": "Enter your email address",
            "max_length": "Enter an email address of at most 254 characters",
            "null_characters_not_allowed": WRITE_IT_SO,
        },
    )
    choices = forms.MultipleChoiceField(
        choices=Choice.choices,
        error_messages={
            "required": "Choose at least one kind of email",
            "invalid_choice": "Choose from the kinds of email below",
        },
    )
    stamp = forms.CharField(max_length=1000, required=False)
    # People do not see this field; programs fill in everything.
    website = forms.CharField(max_length=2000, required=False)
    sure = forms.CharField(max_length=20, required=False)

    meant = None
    wording = None
    page = ""
    has_good_stamp = False

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.data.get("website"))

    def clean_email(self):
        typed = self.cleaned_data["email"]
        if self.data.get("sure") == "meant":
            typed = likely_meant(typed) or typed
        try:
            validate_email(typed)
            address = normalize(typed)
            validate_email(address)
            if address.endswith("]"):  # a number of a machine in place of a domain
                raise forms.ValidationError(WRITE_IT_SO)
        except (forms.ValidationError, UnicodeError) as error:
            raise forms.ValidationError(self.why_not(typed)) from error
        if len(address) > 254:
            raise forms.ValidationError(self.fields["email"].error_messages["max_length"])
        self.typed = typed
        return address

    def why_not(self, typed: str) -> str:
        local, _, domain = typed.rpartition("@")
        if local and domain and "@" not in local and not local.isascii():
            return (
                "Mail does not reach addresses with letters like these before the @ yet."
                " Enter another address"
            )
        return WRITE_IT_SO

    def clean(self):
        cleaned = super().clean()
        self.read_stamp()
        address = cleaned.get("email")
        if address and not self.data.get("sure"):
            self.meant = likely_meant(address)
        return cleaned

    def read_stamp(self):
        try:
            facts, age = read_stamp(self.data.get("stamp", ""))
            self.wording = wording_number(int(facts["wording"]))
            self.page = str(facts["page"])
        except (signing.BadSignature, ValueError, KeyError, TypeError, IndexError):
            age = None
        self.has_good_stamp = age is not None and self.wording is not None
        if not self.has_good_stamp:
            self.add_error(None, "This form was open for a long time. Read it and press again")
        elif age < FASTEST_SECONDS and not self.errors:
            # Beside a mistake of hers it would read as another; the next press is slower anyway.
            self.add_error(None, "That was very fast. Press the button once more")


class SettingsForm(forms.ModelForm):
    choices = forms.MultipleChoiceField(
        label="What you get",
        choices=Choice.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    topics_left_out = forms.ModelMultipleChoiceField(
        label="Topics to leave out",
        queryset=Topic.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Subscriber
        fields = ["how_often", "topics_left_out", "is_discreet", "text_only"]
        widgets = {"how_often": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("choices", self.instance.choices)
