from django.apps import AppConfig

from advocacy_site.watched_tables import watch


class MembersConfig(AppConfig):
    name = "community.members"
    label = "members"

    def ready(self):
        from . import own_data, signals  # noqa: F401 - models are there now

        own_data.register()
        # A new member is on no page before they write. Signing in changes nothing of a page.
        watch(
            self.get_model("Member"),
            ignoring=("last_login", "reading_settings"),
            new_rows_show=False,
        )
