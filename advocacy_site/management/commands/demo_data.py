from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import transaction


class Command(BaseCommand):
    help = "Load the demonstration content of every app that has some; twice does not double it."

    @transaction.atomic
    def handle(self, **options):
        for app in apps.get_app_configs():
            if find_spec(f"{app.name}.demo"):
                import_module(f"{app.name}.demo").load(self.stdout.write)
