"""Fields of more than one form, with the words of this site."""

from django import forms
from django.core.exceptions import ValidationError

from ..codes import LENGTH, tidy
from ..names import clean_name, clean_text

EMAIL_FORM = "Enter an email address in this form: name@example.com"


class PlainForm(forms.Form):
    """Checked on the server only: browsers' own bubbles vanish before slow readers are done."""

    use_required_attribute = False


class EmailField(forms.EmailField):
    def __init__(self, **kwargs):
        super().__init__(
            max_length=254,
            widget=forms.EmailInput(
                attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}
            ),
            error_messages={
                "required": "Enter your email address",
                "invalid": EMAIL_FORM,
                "max_length": EMAIL_FORM,
                "null_characters_not_allowed": EMAIL_FORM,
            },
            **kwargs,
        )


class CodeField(forms.CharField):
    def __init__(self, **kwargs):
        super().__init__(
            max_length=100,
            widget=forms.TextInput(
                attrs={
                    "autocomplete": "one-time-code",
                    "autocapitalize": "characters",
                    "spellcheck": "false",
                    "class": "code",
                }
            ),
            error_messages={
                "required": "Enter the code from the mail",
                "max_length": f"The code has {LENGTH} letters and digits",
            },
            **kwargs,
        )

    def clean(self, value):
        code = super().clean((value or "").replace("\0", ""))
        if len(tidy(code)) != LENGTH:
            raise ValidationError(f"The code has {LENGTH} letters and digits. Enter all of it.")
        return code


class NameField(forms.CharField):
    def __init__(self, **kwargs):
        super().__init__(
            label="Display name",
            help_text="Other people see this name. Do not use your full name.",
            widget=forms.TextInput(attrs={"autocomplete": "nickname", "spellcheck": "false"}),
            error_messages={"required": "Enter a name for others to see"},
            **kwargs,
        )

    def clean(self, value):
        return clean_name(super().clean((value or "")[:500].replace("\0", "")))


class WordsField(forms.CharField):
    """Words of one's own, up to ``most`` characters."""

    def __init__(self, *, most: int, name: str, **kwargs):
        self.most, self.name = most, name
        super().__init__(**kwargs)

    def clean(self, value):
        text = clean_text(super().clean((value or "").replace("\0", "")))
        if self.required and not text:
            raise ValidationError(self.error_messages["required"])
        if len(text) > self.most:
            raise ValidationError(
                f"{self.name} must be {self.most} characters or less. You have {len(text):,}."
            )
        return text
