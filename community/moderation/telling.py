"""What a writer reads about a decision: plain text, the moderator's own words first, then facts.

The facts are ours and always there: what was done, which words, which rule, how we came to it,
until when, and the way to appeal. No name of anyone stands in them.
"""

import hashlib

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format

from community.comments.openness import rules_in_short
from community.policies.models import Policy, PolicyVersion

from .deeds import DEEDS
from .models import ModerationAct, What
from .models.act import APPEALABLE

MOST_QUOTED = 600

APPEAL = (
    "If you think this is wrong, answer once from this message. A different moderator reads your"
    " answer and decides."
)
SEND_AGAIN = "You have your text back below this message. Change it and send it again if you like."
# Good news, or a kind word: no quoting, and nothing about who reported.
QUIET = {
    What.ACCEPTED, What.KEPT, What.WROTE, What.RELEASED, What.TRUSTED, What.LIFTED,
    What.UNNOTED, What.CLOSED, What.UNLOCKED,
}  # fmt: skip
GIVES_TEXT_BACK = {What.HIDDEN, What.LOCKED}


def day(moment) -> str:
    return date_format(timezone.localtime(moment), "F j, Y")


def rules() -> list[tuple[int, str]]:
    """The numbered rules in force, as (number, heading)."""
    version = PolicyVersion.objects.in_force(Policy.Kind.RULES)
    return list(enumerate(rules_in_short(version.body) if version else [], start=1))


def rule_about(word: str, headings) -> int | None:
    """The first rule in force whose heading has a word, out of pairs as ``rules()`` gives them."""
    return next((number for number, heading in headings if word in heading.lower()), None)


def rule_in_words(number: int, headings: dict[int, str] | None = None) -> str:
    """``headings`` are those of ``rules()``, where they are known already."""
    heading = (dict(rules()) if headings is None else headings).get(number)
    return f"Rule {number}: {heading}." if heading else f"Rule {number}."


def facts_of(
    what, *, comment=None, rule=None, until=None, source=ModerationAct.Source.PERSON, quoted="",
    after="", note_now=None, gives_back=True, headings=None,
) -> str:  # fmt: skip
    """What was done and everything that follows from it. ``quoted`` are the words it is about."""
    lines = [says_of(what)]
    if comment is not None:
        lines[0] = f"{lines[0]}\nIt is the comment on “{comment.article.title}”."
        words = quoted or comment.source
        if what not in QUIET and words:
            lines.append(f"Your words: “{shortened(words)}”")
    if after:
        lines.append(f"It reads now: “{shortened(after)}”")
    if note_now is not None:
        says = f"reads now: “{note_now}”" if note_now else "is gone"
        lines.append(f"The content note before it {says}.")
    if rule:
        lines.append(f"{rule_in_words(rule, headings)} All rules: {settings.SITE_URL}/rules/")
    if what not in QUIET:
        lines.append(f"How we came to it: {ModerationAct.Source(source).label}")
    if what == What.PAUSED:
        lines.append(f"Until {day(until)}.")
    if what == What.BANNED:
        lines.append(f"Until {day(until)}." if until else "It has no end date.")
    if what in GIVES_TEXT_BACK and gives_back:
        lines.append(SEND_AGAIN)
    if what in APPEALABLE:
        lines.append(APPEAL)
    return "\n\n".join(lines)


def says_of(what) -> str:
    if what == What.RESTORED:
        return "A different moderator read your answer and undid the decision."
    if what == What.UPHELD:
        return (
            "A different moderator read your answer. The decision stays. It cannot be appealed"
            " again."
        )
    if what == What.CLOSED:
        return (
            "We closed the conversation under your comment to new replies, because of a reply in"
            " it. Your comment stays as it is."
        )
    return DEEDS[str(what)].says


def headline(act: ModerationAct) -> str:
    """What was done, in a few words, for the writer's list."""
    return says_of(act.what).partition(".")[0]


def whole(own_words: str, facts: str) -> str:
    return f"{own_words.strip()}\n\n{facts}".strip()


def mark_of(facts: str) -> str:
    """Tells whether the facts a moderator was shown are those that would be sent."""
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def shortened(text: str) -> str:
    return text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED].rstrip()} …"
