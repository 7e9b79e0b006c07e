"""First wordings of the posted texts, to start from. A site's own words replace them."""

from pathlib import Path

import yaml

from ..models import Policy, PolicyVersion

FOLDER = Path(__file__).parent


def add_starter_texts(published_at=None) -> list[PolicyVersion]:
    """Give each text that has no version yet its first one; a draft unless ``published_at``."""
    added = []
    for kind in Policy.Kind.values:
        policy, _ = Policy.objects.get_or_create(kind=kind)
        if not policy.versions.exists():
            added.append(
                PolicyVersion.objects.create(
                    policy=policy, published_at=published_at, **read(FOLDER / f"{kind}.md")
                )
            )
    return added


def read(path: Path) -> dict:
    _, header, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return {**yaml.safe_load(header), "body": body}
