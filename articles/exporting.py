"""An article as the file that import reads. Importing an export changes nothing."""

import yaml

from .file_parts import FILE_PARTS
from .front_matter import READERS, write_moment
from .models import Article, Contributor

CONTENT_NOTES = dict(Article.ContentNote.choices)


def export_article(article: Article) -> str:
    """The whole file. Keys come in a fixed order; empty ones are left out."""
    values = _values(article)
    values |= {key: part.write(article) for key, part in FILE_PARTS.items()}
    header = yaml.dump(
        {key: values[key] for key in (*READERS, *FILE_PARTS) if values[key]},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=10_000,
    )
    return f"---\n{header}---\n{article.body}"


def _values(article: Article) -> dict:
    return {
        "title": article.title,
        "slug": article.slug,
        "standfirst": article.standfirst,
        "topics": [topic.name for topic in article.topic_list],
        "contributors": [name_of(contributor) for contributor in article.contributor_list],
        "key_points": article.key_point_list,
        "content_notes": [CONTENT_NOTES[note] for note in article.content_notes],
        "hero": article.hero.name if article.hero else "",
        "hero_alt": article.hero_alt,
        "hero_decorative": article.hero_is_decorative,
        "hero_focus": "" if article.hero_focus == "center" else article.hero_focus,
        "published": article.published_at and write_moment(article.published_at),
        "updated": article.updated_at and write_moment(article.updated_at),
        "change_note": article.change_note,
        "reviewed": article.reviewed_on,
        "reviewed_by": article.reviewed_by,
        "review_due": article.review_due,
        "demonstration": article.is_demonstration,
    }


def name_of(contributor: Contributor) -> str:
    """The name, or the slug where two people share it."""
    namesakes = Contributor.objects.filter(name=contributor.name).exclude(pk=contributor.pk)
    return contributor.slug if namesakes.exists() else contributor.name


class _Dumper(yaml.SafeDumper):
    """Lists stand two spaces in, as people write them."""

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)
