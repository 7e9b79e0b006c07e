from . import issue, subscriber  # noqa: F401 - registers them
