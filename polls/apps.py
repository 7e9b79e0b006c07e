from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PollsConfig(AppConfig):
    name = "polls"

    def ready(self):
        from articles.file_parts import register

        from . import (
            cards,
            listening,  # noqa: F401 - to articles, members and signing in
            personal_data,
        )
        from .editors import let_editors_run_polls
        from .files import POLLS

        register("polls", POLLS)
        cards.lend_cards()
        personal_data.register()
        post_migrate.connect(let_editors_run_polls, sender=self)
