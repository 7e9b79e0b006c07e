from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "community.policies"
    label = "policies"
    verbose_name = "Posted texts"
