"""Production says what it lacks, and has nothing to warn about when it lacks nothing."""

import os
import re
import subprocess
import sys

import pytest

from advocacy_site.settings.base import ROOT

COMPLETE = {
    "SECRET_KEY": "a-key-for-this-test-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEF",
    "ALLOWED_HOSTS": "harbor.example, www.harbor.example",
    "SITE_URL": "https://harbor.example",
    "DATABASE_URL": "postgresql://harbor:secret@db.invalid/harbor",
    "DEFAULT_FROM_EMAIL": "Harbor <letters@harbor.example>",
}


def check_deployment(**environment):
    return run_production("check", "--deploy", "--fail-level", "WARNING", **environment)


def run_production(*command, **environment):
    """Run a command as a new process that knows nothing else of our settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
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
    assert re.fullmatch(rf"Set {name}: [^\n]+\.\n", done.stderr)


def test_a_blank_value_is_no_value():
    done = check_deployment(**COMPLETE | {"SECRET_KEY": "  "})
    assert done.returncode != 0
    assert "Set SECRET_KEY: " in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("ALLOWED_HOSTS", "*"),
        ("SITE_URL", "http://harbor.example"),
        ("SITE_URL", "https://harbor.example/"),
        ("MODERATOR_HOURS", "nine to five"),
        ("MODERATOR_HOURS", "9"),
        ("MODERATOR_HOURS", "9-25"),
        ("MODERATOR_HOURS", "18-9"),
        ("DATABASE_URL", "mysql://harbor@db.invalid/harbor"),
        ("DATABASE_URL", "postgresql://harbor@db.invalid:port/harbor"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_in_one_sentence(name, value):
    done = check_deployment(**COMPLETE | {name: value})
    assert done.returncode != 0
    assert name in done.stderr and done.stderr.count("\n") == 1


def test_names_between_commas_may_have_spaces_and_no_header_says_tls_unless_told():
    asked = (
        "from django.conf import settings as s; print(s.ALLOWED_HOSTS, s.SECURE_PROXY_SSL_HEADER)"
    )
    done = run_production("shell", "-v0", "-c", asked, **COMPLETE)
    assert done.stdout.strip() == "['harbor.example', 'www.harbor.example'] None"


def test_the_hours_of_moderators_are_two_whole_hours():
    asked = "from django.conf import settings as s; print(s.MODERATOR_HOURS)"
    done = run_production("shell", "-v0", "-c", asked, **COMPLETE | {"MODERATOR_HOURS": "8 - 24"})
    assert done.stdout.strip() == "(8, 24)"


def test_demonstration_logins_are_refused_there():
    asked = (
        "from community.members.demo import load\n"
        "from django.core.management.base import CommandError\n"
        "try: load(print)\n"
        "except CommandError as refused: print(refused)"
    )
    done = run_production("shell", "-v0", "-c", asked, **COMPLETE)
    assert "for local use only" in done.stdout


LEFT_TO_LOOK_THROUGH = """
import gc, advocacy_site.wsgi
from django.urls import reverse
reverse("polls:list")
print(gc.get_freeze_count(), len(gc.get_objects()))
"""


def test_what_a_server_has_loaded_is_not_looked_through_while_readers_wait():
    """The collector's full round took 0.1 s in each process, now and then."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", LEFT_TO_LOOK_THROUGH],
        cwd=ROOT, env=kept | COMPLETE, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    frozen, left = map(int, done.stdout.split())
    assert frozen > 50_000 and left < frozen / 10, done.stderr
