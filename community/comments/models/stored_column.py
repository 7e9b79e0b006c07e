from django.db import models


class StoredColumn(models.GeneratedField):
    """A column that the database makes and keeps.

    Django asks the running server whether it can; every Postgres since 12 can, and
    ``makemigrations --check`` has to work without one. In migrations it is a plain GeneratedField.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs | {"db_persist": True})

    def _check_supported(self, databases):
        return []

    def _check_persistence(self, databases):
        return []

    def deconstruct(self):
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.GeneratedField", args, kwargs
