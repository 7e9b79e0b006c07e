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
            hint="Without words of yours nothing is sent. For someone in need: the help card.",
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
            "Write to the member",
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
            What.TRUSTED,
            "Trust: show what the member writes at once",
            "From now on what you write shows at once.",
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
        _deed(
            What.UNLOCKED,
            "Open the conversation again",
            "We opened the conversation to replies again.",
            button="Open it",
        ),
    ]
}

# What leaves an item where it is, with a note for the others.
PASSING = {
    What.ASKED.value: "Ask another moderator",
    What.HANDED.value: "Hand over",
    What.ESCALATED.value: "Write down a call for help",
}


@dataclass(frozen=True)
class Scene:
    """What is there to decide about. ``state`` is the comment's, empty without one."""

    state: str = ""
    has_words: bool = True
    has_note: bool = False
    is_locked: bool = False
    has_member: bool = True
    is_held: bool = False
    is_trusted: bool = False
    is_stopped: bool = False
    is_banned: bool = False


HERE = {"visible", "held"}
# A ban belongs to who leads: nobody else ends it, or puts a shorter pause in its place.
STOPS = {What.PAUSED, What.LIFTED}
# Where a deed makes sense; those that are not named always do.
MAKES_SENSE = {
    What.KEPT: lambda scene: scene.state not in {"", "held"},
    What.ACCEPTED: lambda scene: scene.state in {"held", "hidden", "removed"} and scene.has_words,
    What.EDITED: lambda scene: scene.state in HERE,
    What.HIDDEN: lambda scene: scene.state in HERE,
    What.LOCKED: lambda scene: scene.state in HERE,
    What.NOTED: lambda scene: scene.state in HERE,
    What.UNNOTED: lambda scene: scene.has_note,
    What.UNLOCKED: lambda scene: scene.is_locked,
    What.HELD_ALL: lambda scene: not scene.is_held,
    What.RELEASED: lambda scene: scene.is_held,
    What.TRUSTED: lambda scene: not (scene.is_held or scene.is_trusted),
    What.LIFTED: lambda scene: scene.is_stopped,
}


def open_to(moderator_leads: bool, scene: Scene) -> list[Deed]:
    """The decisions that make sense for an item now, in the order people read them."""
    return [
        deed
        for deed in DEEDS.values()
        if (moderator_leads or not deed.for_leads)
        and (scene.state or deed.about == "member")
        and (scene.has_member or deed.about == "comment")
        and (moderator_leads or not scene.is_banned or deed.what not in STOPS)
        and MAKES_SENSE.get(deed.what, lambda scene: True)(scene)
    ]
