"""The sizes and formats of a picture, made by the worker."""

from django.dispatch import receiver
from django.utils import timezone
from pictures.signals import picture_processed
from pictures.tasks import process_picture_with_django_tasks as process

from .models import Article, Picture


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


@receiver(picture_processed, sender=Picture.image.field)
def show_renditions(sender, file_name, new, old, **kwargs):
    """From now on pages offer the sizes that were made."""
    if not new:
        return
    Picture.objects.filter(image=file_name).update(renditions_made_at=timezone.now())
    for picture in Picture.objects.filter(image=file_name):
        for article in Article.objects.filter(body__contains=f"(picture:{picture.name}"):
            article.save(update_fields=["body_html"])
