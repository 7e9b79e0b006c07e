"""What people fill in. Errors say what to do; nothing is ticked beforehand."""

from .account import (
    ChangeEmailForm,
    CloseForm,
    ProfileForm,
    ReadingForm,
    TwoCodesForm,
    WishForm,
)
from .memorial import DeathForm, RememberForm
from .signing_in import CodeForm, JoinForm, PasswordForm, SignInForm

__all__ = [
    "ChangeEmailForm",
    "CloseForm",
    "CodeForm",
    "DeathForm",
    "JoinForm",
    "PasswordForm",
    "ProfileForm",
    "ReadingForm",
    "RememberForm",
    "SignInForm",
    "TwoCodesForm",
    "WishForm",
]
