from django.apps import AppConfig
from django.db.models.signals import post_migrate

from advocacy_site.watched_tables import watch


class NewsletterConfig(AppConfig):
    name = "community.newsletter"
    label = "newsletter"

    def ready(self):
        from anymail.signals import tracking

        # Models are not loaded before this.
        from . import cards, list_managers, personal_data, returns

        post_migrate.connect(
            list_managers.create_group, sender=self, dispatch_uid="newsletter-list-managers"
        )
        tracking.connect(returns.on_tracking, dispatch_uid="newsletter-returns")

        cards.lend_cards()
        personal_data.register()
        watch(self.get_model("Issue"))
