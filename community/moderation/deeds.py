"""What a moderator can decide, what each decision needs, and the sentence the writer reads."""

from dataclasses import dataclass

from .models import What


@dataclass(frozen=True)
class Deed:
    """``says`` is told to whom it concerns; ``needs`` names fields of the decision's form."""

    what: What
    label: str
    says: str = ""
    button: str = ""
    needs: frozenset[str] = frozenset()
    for_leads: bool = False
    about: str = "comment"  # or "member": without a comment too
    hint: str = ""

    @property
    def key(self) -> str:
        return self.what.value

    @property
    def takes_rule(self) -> bool:
        return "rule" in self.needs


def _deed(what, label, says="", *, needs=(), **more):
    return Deed(what, label, says, needs=frozenset(needs), **more)


DEEDS = {
    deed.key: deed
    for deed in [
        _deed(
            What.KEPT,
            "Leave it as it is",
            "We left your comment as it is.",
            button="Leave it",
            hint="A message is optional here, for example the help card.",
        ),
        _deed(
            What.ACCEPTED,
            "Show it to everyone",
            "Your comment is posted. Everyone can read it now.",
            button="Show it",
        ),
        _deed(
            What.EDITED,
            "Edit out a detail",
            "We took a detail out of your comment. A note under it says so. The rest stays.",
            needs=["rule", "why", "text"],
            button="Save and send",
        ),
        _deed(
            What.HIDDEN,
            "Take it down",
            "We took your comment down. Other people cannot read it. Replies to it stay.",
            needs=["rule", "why"],
            button="Take down and send",
        ),
        _deed(
            What.LOCKED,
            "Take it down and close the conversation",
            "We took your comment down and closed the conversation to new replies.",
            needs=["rule", "why"],
            button="Take down and send",
        ),
        _deed(
            What.NOTED,
            "Put a note under it",
            "Your comment stays. We put a note under it, which everyone can read.",
            needs=["why", "note"],
            button="Put the note and send",
        ),
        _deed(
            What.WROTE,
            "Write to her or him",
            "A moderator wrote to you. Nothing about your comment or your account changed.",
            needs=["words"],
            button="Send",
            about="member",
        ),
        _deed(
            What.WARNED,
            "Warn",
            "This is a warning. Read it and say that you have read it. Then you can write again.",
            needs=["rule", "why"],
            button="Send the warning",
            about="member",
        ),
        _deed(
            What.HELD_ALL,
            "Read everything first from now on",
            "From now on a moderator reads what you write before others can.",
            needs=["rule", "why"],
            button="Save and send",
            about="member",
        ),
        _deed(
            What.PAUSED,
            "Pause the account",
            "Your account is paused for writing. You can still read, sign in, get a copy of your"
            " data and close your account. The pause ends by itself.",
            needs=["rule", "why", "until"],
            button="Pause and send",
            about="member",
        ),
        _deed(
            What.BANNED,
            "Close the account for writing",
            "Your account can no longer write here. You can still read, sign in, get a copy of your"
            " data and close your account.",
            needs=["rule", "why", "maybe-until"],
            button="Close for writing and send",
            for_leads=True,
            about="member",
        ),
        _deed(
            What.RELEASED,
            "Stop reading everything first",
            "What you write goes by the common rules again.",
            button="Save and send",
            about="member",
        ),
        _deed(
            What.LIFTED,
            "End the pause or ban",
            "You can write again.",
            needs=["why"],
            button="End it and send",
            about="member",
        ),
        _deed(
            What.UNNOTED,
            "Take the note away",
            "We took away the note under your comment.",
            button="Take it away and send",
        ),
    ]
}

# What leaves an item where it is, with a note for the others.
PASSING = {
    What.ASKED.value: "Ask another moderator",
    What.HANDED.value: "Hand over",
    What.ESCALATED.value: "Write down a call for help",
}


def open_to(moderator_leads: bool, *, comment=None, state="", is_held=False, is_stopped=False,
            has_note=False, has_member=True) -> list[Deed]:  # fmt: skip
    """The decisions that make sense for an item now, in the order people read them."""
    found = []
    for deed in DEEDS.values():
        if deed.for_leads and not moderator_leads:
            continue
        if comment is None and deed.about != "member":
            continue
        if not has_member and deed.about == "member":
            continue
        if deed.what == What.ACCEPTED and state == "visible":
            continue
        if deed.what == What.KEPT and state != "visible":
            continue
        if deed.what == What.RELEASED and not is_held:
            continue
        if deed.what == What.HELD_ALL and is_held:
            continue
        if deed.what == What.LIFTED and not is_stopped:
            continue
        if deed.what == What.UNNOTED and not has_note:
            continue
        if deed.what in {What.EDITED, What.HIDDEN, What.LOCKED, What.NOTED} and state not in {
            "visible", "held",
        }:  # fmt: skip
            continue
        found.append(deed)
    return found
