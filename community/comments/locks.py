"""One order for everybody: people first, then comments.

Closing an account locks the member and then what she wrote. A deed that holds a comment and points
at a person when it ends would meet it halfway, and both would wait for each other.
"""

from django.db import connection

from .models import Comment


def hold_on_to(member_ids) -> None:
    """Keep accounts from being closed until this transaction ends. Nobody else waits for it."""
    keys = sorted({key for key in member_ids if key})
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM members_member WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [keys]
            )


def hold_on_to_people_of(comment_id: int, *others: int | None) -> None:
    """Its writer, and the others who will be named; before the comment itself is locked."""
    author = Comment.objects.filter(pk=comment_id).values_list("author_id", flat=True).first()
    hold_on_to([author, *others])
