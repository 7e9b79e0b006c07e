from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ModerationConfig(AppConfig):
    name = "community.moderation"
    label = "moderation"
    verbose_name = "Moderation"

    def ready(self):
        """Say to the rooms below what this one adds."""
        from community.comments import openness, reports, words
        from community.members import memorial
        from community.members import personal_data as members_data

        from . import alerts, groups, personal_data, pinned, record, stopping

        words.add_below(pinned.below)
        openness.register_reason(stopping.why_not)
        openness.register_lock(pinned.why_locked)
        openness.register_locked(pinned.locked_under)
        for name, function in personal_data.EXPORTS.items():
            members_data.register_export(name, function)
        members_data.register_erasure(personal_data.PART, personal_data.erase)
        post_migrate.connect(groups.create_groups, sender=self)
        post_migrate.connect(groups.create_first_replies, sender=self)
        memorial.on_act(record.write_memorial)
        reports.on_worried(alerts.on_worried)
