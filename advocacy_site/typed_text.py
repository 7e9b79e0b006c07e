"""Text as people type it: without the control characters that pasting from Word or a PDF brings.

Nobody sees them, and a feed that holds one is no XML any more.
"""

import re

from django import forms
from django.db import models

# All but tab, line feed and carriage return; halves of pairs; what XML forbids. NUL stays for
# the form's own check, which says so in a sentence.
_CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def without_controls(text: str) -> str:
    return _CONTROLS.sub("", text.replace("\x0b", "\n"))


class TypedField(forms.CharField):
    def to_python(self, value):
        value = super().to_python(value)
        return without_controls(value) if isinstance(value, str) else value


# For a ModelAdmin's ``formfield_overrides``.
TYPED = {
    models.CharField: {"form_class": TypedField},
    models.TextField: {"form_class": TypedField},
    models.SlugField: {"form_class": forms.SlugField},  # a CharField that refuses them anyway
}
