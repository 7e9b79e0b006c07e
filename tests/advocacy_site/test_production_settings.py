"""Production says what it lacks, and has nothing to warn about when it lacks nothing."""

import os
import subprocess
import sys

import pytest

from advocacy_site.settings.base import ROOT

COMPLETE = {
    "SECRET_KEY": "a-key-for-this-test-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEF",
    "ALLOWED_HOSTS": "harbor.example",
    "DATABASE_URL": "postgresql://harbor:secret@db.invalid/harbor",
    "DEFAULT_FROM_EMAIL": "Harbor <letters@harbor.example>",
    "SITE_URL": "https://harbor.example",
}


def check_deployment(**environment):
    """Run ``check --deploy`` as a new process that knows nothing else of our settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=kept | {"DJANGO_SETTINGS_MODULE": "advocacy_site.settings.production"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_complete_production_has_no_warning():
    done = check_deployment(**COMPLETE)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("name", COMPLETE)
def test_production_refuses_to_start_without(name):
    done = check_deployment(**{key: value for key, value in COMPLETE.items() if key != name})
    assert done.returncode != 0
    last_line = done.stderr.strip().splitlines()[-1]
    assert f"Set {name}: " in last_line
    assert last_line.endswith(".")


def test_a_blank_value_is_no_value():
    done = check_deployment(**COMPLETE | {"SECRET_KEY": "  "})
    assert done.returncode != 0
    assert "Set SECRET_KEY: " in done.stderr
