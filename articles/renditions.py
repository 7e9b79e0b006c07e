"""The sizes and formats of a picture, made by the worker."""

from pathlib import PurePosixPath

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from pictures.signals import picture_processed
from pictures.tasks import process_picture_with_django_tasks as process

from .models import Article, Picture
from .rendering import render_again


def process_picture(*, storage, file_name, sender, new=None, old=None) -> None:
    """What the picture field calls (settings.PICTURES) as soon as a file is there or gone.

    The row of a new picture is not saved at that moment, and a quick worker would find
    nothing to mark; so only removals are passed on, and ``make_renditions`` does the rest.
    """
    if old:
        process.enqueue(storage=storage, file_name=file_name, sender=sender, new=[], old=old)


def make_renditions(picture: Picture) -> None:
    """Enqueue the work, inside the transaction that saves the picture: both happen or neither."""
    image = picture.image
    process.enqueue(
        storage=image.storage.deconstruct(),
        file_name=image.name,
        sender=image.sender,
        new=[rendition.deconstruct() for rendition in image.get_picture_files_list()],
        old=[],
    )


def remove_files(file_name: str) -> None:
    """Remove a picture's master and its sizes, once the transaction has really happened."""
    storage = Picture.image.field.storage
    folder = PurePosixPath(file_name).with_suffix("")

    def remove():
        storage.delete(file_name)
        if storage.exists(str(folder)):
            for name in storage.listdir(str(folder))[1]:
                storage.delete(str(folder / name))
            storage.delete(str(folder))

    transaction.on_commit(remove)


@receiver(post_delete, sender=Picture)
def remove_files_of_deleted(sender, instance, **kwargs):
    if instance.image:
        remove_files(instance.image.name)


@receiver(picture_processed, sender=Picture.image.field)
def show_renditions(sender, file_name, new, old, **kwargs):
    """From now on pages offer the sizes that were made."""
    if not new:
        return
    Picture.objects.filter(image=file_name).update(renditions_made_at=timezone.now())
    for picture in Picture.objects.filter(image=file_name):
        show_again(picture)


def show_again(picture: Picture) -> None:
    """Make the HTML of the articles that show it again, with the files it has now."""
    showing = Article.objects.filter(body__contains=f"picture:{picture.name}")
    for pk in showing.values_list("pk", flat=True):
        render_again(pk)
