from advocacy_site.metrics import gauge

from .models import Comment


@gauge("held_comments", "Comments that wait for a moderator")
def held_comments():
    return Comment.objects.filter(state=Comment.State.HELD).count()
