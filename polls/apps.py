from django.apps import AppConfig
from django.db.models.signals import post_migrate

from advocacy_site.watched_tables import watch


class PollsConfig(AppConfig):
    name = "polls"

    def ready(self):
        from articles.file_parts import register

        from . import (
            cards,
            examination,  # noqa: F401 - for the doctor
            listening,  # noqa: F401 - to articles, members and signing in
            personal_data,
        )
        from .editors import let_editors_run_polls
        from .files import POLLS

        register("polls", POLLS)
        cards.lend_cards()
        personal_data.register()
        self.tell_what_readers_see()
        post_migrate.connect(let_editors_run_polls, sender=self)

    def tell_what_readers_see(self):
        from .models import Choice, Placement, Poll, Tally

        watch(Poll, clock=("opens_at", "closes_at", "featured_from", "featured_until"))
        watch(Tally, key="poll_id")
        watch(Choice)
        watch(Placement)
