"""The browser of the browser tests: find one, or install one.

Run as a program it prints the path, having installed a Chromium when there was none.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLAYWRIGHT_FOLDERS = (
    os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""),
    "~/.cache/ms-playwright",
    "~/Library/Caches/ms-playwright",
)
MAC_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
INSTALL_HINT = (
    "No Chromium was found and none could be installed: install the package chromium or"
    " Google Chrome, or set CHROMIUM to the path of one."
)


def find() -> str | None:
    """The first Chromium of: CHROMIUM, the PATH, Playwright's own, macOS's applications."""
    if named := os.environ.get("CHROMIUM"):
        return named
    found = (shutil.which(name) for name in NAMES)
    installed = (path for path in MAC_APPLICATIONS if Path(path).exists())
    return next((path for path in (*found, *playwrights_own(), *installed) if path), None)


def playwrights_own() -> list[str]:
    """Newest first."""
    folders = [Path(folder).expanduser() for folder in PLAYWRIGHT_FOLDERS if folder]
    patterns = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
    return [
        str(path)
        for folder in folders
        for pattern in patterns
        for path in sorted(folder.glob(pattern), reverse=True)
    ]


def install() -> str | None:
    """Try Playwright's download, then the system's package when we are root."""
    print("No Chromium was found; installing one ...", file=sys.stderr)
    if run(sys.executable, "-m", "playwright", "install", "chromium") and (found := find()):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")
    return find()


def run(*command: str) -> bool:
    """Run it with what it says going to stderr, since the caller reads stdout."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode == 0


if __name__ == "__main__":
    print(find() or install() or sys.exit(INSTALL_HINT))
