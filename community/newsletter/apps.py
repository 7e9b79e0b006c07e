from django.apps import AppConfig

from advocacy_site.watched_tables import watch


class NewsletterConfig(AppConfig):
    name = "community.newsletter"
    label = "newsletter"

    def ready(self):
        from anymail.signals import tracking

        from . import cards, personal_data, returns  # models are not loaded before this

        tracking.connect(returns.on_tracking, dispatch_uid="newsletter-returns")

        cards.lend_cards()
        personal_data.register()
        watch(self.get_model("Issue"))
