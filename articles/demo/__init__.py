"""Original demonstration articles. Their facts have sources; their people are made up."""

from pathlib import Path

import yaml

from ..importing import import_article
from ..models import Article, Contributor, FormerSlug, Topic

FOLDER = Path(__file__).parent


def load(say):
    for model in (Topic, Contributor):
        load_rows(model, FOLDER / f"{model._meta.model_name}s.yaml")
    new = [path for path in sorted(FOLDER.glob("*.md")) if not is_there(path.stem)]
    for path in new:
        import_article(path)
    say(f"Articles: {len(new)} added")


def is_there(slug: str) -> bool:
    """What an editor changed or moved stays as it is."""
    return (
        Article.objects.filter(slug=slug).exists() or FormerSlug.objects.filter(slug=slug).exists()
    )


def load_rows(model, path: Path) -> None:
    """Make the rows that are not there yet; what an editor changed stays."""
    for values in yaml.safe_load(path.read_text(encoding="utf-8")):
        if "fictional" in values:
            values["is_fictional"] = values.pop("fictional")
        model.objects.get_or_create(slug=values["slug"], defaults=values)
