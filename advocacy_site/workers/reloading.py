"""For ``DEBUG=1 make run``: the worker begins anew when a file of the code changes."""

import os
import sys

from django.utils.autoreload import iter_all_python_module_files


class Files:
    """The moments at which our files were last written."""

    def __init__(self):
        self.moments = self.look()

    def look(self) -> dict:
        files = [
            path for path in iter_all_python_module_files() if "site-packages" not in str(path)
        ]
        return {path: path.stat().st_mtime for path in files if path.exists()}

    def have_changed(self) -> bool:
        now = self.look()
        return any(now.get(path) != moment for path, moment in self.moments.items())


def begin_anew() -> None:
    os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606
