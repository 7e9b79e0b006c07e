from django import forms

from .fields import CodeField, EmailField, NameField, PlainForm


class SignInForm(PlainForm):
    email = EmailField(label="Email address", help_text="We mail a code to this address.")


class PasswordForm(PlainForm):
    email = EmailField(label="Email address")
    password = forms.CharField(
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password"},
    )


class CodeForm(PlainForm):
    code = CodeField(
        label="Code", help_text="8 letters and digits. Small letters are fine, and so is no hyphen."
    )


class JoinForm(PlainForm):
    email = EmailField(
        label="Email address",
        help_text="We mail a code to this address. Nobody else on the site sees it.",
    )
    display_name = NameField()
    over_18 = forms.BooleanField(
        label="I am 18 or over", error_messages={"required": "Tick this if you are 18 or over"}
    )
    rules = forms.BooleanField(
        label="I have read the rules and agree to them",
        error_messages={"required": "Read the rules, then tick this if you agree"},
    )
