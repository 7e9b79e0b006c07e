"""Original demonstration articles. Their facts have sources; their people are made up."""

from pathlib import Path

import yaml

from ..importing import import_article
from ..models import Contributor, Topic

FOLDER = Path(__file__).parent


def load(say):
    for model in (Topic, Contributor):
        load_rows(model, FOLDER / f"{model._meta.model_name}s.yaml")
    outcomes = [import_article(path).outcome for path in sorted(FOLDER.glob("*.md"))]
    say(f"Articles: {len(outcomes)}, {outcomes.count('unchanged')} of them unchanged")


def load_rows(model, path: Path) -> None:
    """Make the rows that are not there yet; what an editor changed stays."""
    for values in yaml.safe_load(path.read_text(encoding="utf-8")):
        if "fictional" in values:
            values["is_fictional"] = values.pop("fictional")
        model.objects.get_or_create(slug=values["slug"], defaults=values)
