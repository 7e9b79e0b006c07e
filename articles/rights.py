"""Who may do what with articles. Editors may all of it; contributors write their own.

The permission ``change_article`` makes an editor, ``publish_article`` lets her decide what
readers see, ``write_article`` is the contributor's and reaches no further than ``is_own``.
"""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db.models import Q


def edits_all(user) -> bool:
    return user.is_staff and user.has_perm("articles.change_article")


def may_start(user) -> bool:
    return user.is_staff and (
        user.has_perm("articles.add_article") or user.has_perm("articles.write_article")
    )


def may_publish(user) -> bool:
    return user.is_staff and user.has_perm("articles.publish_article")


def may_write(user, article) -> bool:
    return edits_all(user) or (
        user.is_staff and user.has_perm("articles.write_article") and is_own(user, article)
    )


def may_read(user, article) -> bool:
    """Words that readers do not see."""
    return (user.is_staff and user.has_perm("articles.view_article")) or may_write(user, article)


def may_see_desk(user) -> bool:
    return user.is_staff and (
        user.has_perm("articles.view_article")
        or user.has_perm("articles.change_article")
        or user.has_perm("articles.write_article")
    )


def may_choose_pictures(user) -> bool:
    """And bring new ones, which are then the person's own."""
    return may_start(user) or edits_all(user)


def visible_pictures(user, pictures):
    """The library; for contributors without what other contributors brought, who may have
    meant it for words that nobody has seen yet."""
    if edits_all(user) or user.has_perm("articles.view_picture"):
        return pictures
    write = Permission.objects.filter(
        content_type__app_label="articles", codename="write_article"
    ).values("pk")
    others = (
        get_user_model()
        .objects.exclude(pk=user.pk)
        .filter(Q(groups__permissions__in=write) | Q(user_permissions__in=write))
    )
    return pictures.exclude(uploaded_by__in=others.values("pk"))


def is_own(user, article) -> bool:
    return article.created_by_id == user.pk or article.contributors.filter(member=user).exists()


def visible_at_desk(user, articles):
    """The articles this person may see at the desk: all of them, or her own."""
    if user.has_perm("articles.view_article") or user.has_perm("articles.change_article"):
        return articles
    if user.has_perm("articles.write_article"):
        return articles.filter(
            Q(created_by=user) | Q(pk__in=articles.model.objects.filter(contributors__member=user))
        )
    return articles.none()
