from django.apps import AppConfig


class CommentsConfig(AppConfig):
    name = "community.comments"
    label = "comments"
    verbose_name = "Conversation"

    def ready(self):
        """Say what the conversation knows about a member, where members ask for it."""
        from community.members import personal_data as rights

        from . import personal_data

        for name, function in personal_data.EXPORTS.items():
            rights.register_export(name, function)
        rights.register_erasure(
            personal_data.PART, personal_data.erase, listing=personal_data.words_to_choose_from
        )
