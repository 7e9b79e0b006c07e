from django.apps import AppConfig

from advocacy_site.watched_tables import watch


class PoliciesConfig(AppConfig):
    name = "community.policies"
    label = "policies"
    verbose_name = "Posted texts"

    def ready(self):
        from .models import Policy, PolicyVersion

        watch(Policy)
        watch(PolicyVersion, clock=("published_at",))
