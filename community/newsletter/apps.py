from django.apps import AppConfig


class NewsletterConfig(AppConfig):
    name = "community.newsletter"
    label = "newsletter"

    def ready(self):
        from anymail.signals import tracking

        from . import cards, returns, wording  # models are not loaded before this

        tracking.connect(returns.on_tracking, dispatch_uid="newsletter-returns")

        wording.forget_when_texts_change()
        cards.lend_cards()
