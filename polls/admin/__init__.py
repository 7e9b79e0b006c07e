"""The editors' desk for polls. It shows totals and never ballots."""

from . import poll  # noqa: F401 - registers
