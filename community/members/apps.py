from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "community.members"
    label = "members"

    def ready(self):
        from . import own_data, signals  # noqa: F401 - models are there now

        own_data.register()
