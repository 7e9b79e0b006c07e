"""The sizes and formats of a picture, made by the worker."""

from django.dispatch import receiver
from django.utils import timezone
from pictures.signals import picture_processed
from pictures.tasks import process_picture_with_django_tasks as make_renditions

from .models import Article, Picture


def process_picture(*, storage, file_name, sender, new=None, old=None) -> None:
    """Called by the picture field (settings.PICTURES). Enqueued inside the transaction that
    keeps the picture, so that both happen or neither."""
    make_renditions.enqueue(
        storage=storage, file_name=file_name, sender=sender, new=new or [], old=old or []
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
