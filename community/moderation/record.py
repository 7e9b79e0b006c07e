"""Looking something up in the record."""

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q

from community.members.models import Member, MemorialAct

from .models import ModerationAct

ON_A_PAGE = 30
MOST_NAMESAKES = 50
WORDS = SearchVector("why", "before", "after", "told", config="english")  # the index has this


def write_memorial(act: MemorialAct) -> None:
    """A member was set remembered, or it was a mistake: it stands in the record as well."""
    set_now = act.verb == MemorialAct.Verb.REMEMBERED
    ModerationAct.objects.create(
        by=act.by,
        member=act.member,
        what=ModerationAct.What.REMEMBERED if set_now else ModerationAct.What.UNREMEMBER,
        why=act.note,
    )


def search(moderator: Member, *, text="", name="", what="", rule=None, before=None):
    """Acts, the newest first: by words in them, by a member's or moderator's name, by kind.

    Not those about whoever looks: she reads in her messages what she was told.
    """
    acts = ModerationAct.objects.not_about(moderator)
    if text:
        acts = acts.annotate(found=WORDS).filter(
            found=SearchQuery(text, config="english", search_type="websearch")
        )
    if name:
        named = Q(display_name__iexact=name) | Q(handle=name.lower())
        ids = list(Member.objects.filter(named).values_list("pk", flat=True)[:MOST_NAMESAKES])
        acts = acts.filter(Q(member__in=ids) | Q(by__in=ids))
    if what in ModerationAct.What.values:
        acts = acts.filter(what=what)
    if rule:
        acts = acts.filter(rule=rule)
    if before:
        acts = acts.filter(pk__lt=before)
    return (
        acts.select_related("by", "member", "comment__article")
        .defer("comment__article__body", "comment__article__body_html")
        .order_by("-pk")
    )
