from django.apps import AppConfig

from advocacy_site.watched_tables import watch

# Before a conversation closes, its page says so (openness.py).
WARN_DAYS = 7


class CommentsConfig(AppConfig):
    name = "community.comments"
    label = "comments"
    verbose_name = "Conversation"

    def ready(self):
        """Say what the conversation knows about a member, where members ask for it."""
        from community.members import personal_data as rights

        from . import cards, personal_data

        cards.lend_cards()
        self.tell_what_readers_see()
        for name, function in personal_data.EXPORTS.items():
            rights.register_export(name, function)
        rights.register_erasure(
            personal_data.PART, personal_data.erase, listing=personal_data.words_to_choose_from
        )

    def tell_what_readers_see(self):
        from .models import Comment, Conversation, ConversationSwitch

        watch(Comment, key="article_id")
        watch(
            Conversation,
            key="article_id",
            clock=("comments_close_at", f"comments_close_at - interval '{WARN_DAYS} days'"),
            # They change only beside a comment, and who reads them reads comments.
            ignoring=("latest_id", "latest_at"),
        )
        watch(ConversationSwitch, clock=("closed_at",))
