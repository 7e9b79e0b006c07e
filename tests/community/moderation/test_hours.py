"""When moderators are here, in words, at every hour of the day."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as site

from community.moderation import hours


def at(hour):
    return datetime(2026, 7, 1, hour, 30, tzinfo=ZoneInfo(site.TIME_ZONE))


@pytest.mark.parametrize(("hour", "staffed"), [(8, False), (9, True), (17, True), (18, False)])
def test_moderators_are_here_from_the_first_hour_until_the_last(settings, hour, staffed):
    settings.MODERATOR_HOURS = (9, 18)
    assert hours.is_staffed(at(hour)) is staffed


@pytest.mark.parametrize(
    ("given", "words"),
    [((0, 24), "midnight to midnight"), ((8, 12), "8 am to noon"), ((12, 23), "noon to 11 pm")],
)
def test_the_line_at_the_box_says_the_setting_and_what_happens_outside(settings, given, words):
    settings.MODERATOR_HOURS = given
    assert hours.line().startswith(f"Moderators are here {words} Eastern.")
    assert "wait until morning" in hours.line()


@pytest.mark.parametrize(("given", "words"), [((0, 24), "until midnight"), ((24, 24), "from")])
def test_moderators_read_until_when_or_from_when_the_desk_is_staffed(settings, given, words):
    settings.MODERATOR_HOURS = given
    assert hours.line_now().startswith(f"Staffed {words}")
