"""What becomes of a member's votes when she leaves. The site cannot list them for her: it finds
a ballot only by trying her key in each poll, and her copy of everything does not hold them: it
waits in the database for two days, where it would tie them to her."""

from community.members import personal_data

from .voters import member_voter
from .voting import forget_voter

PART = "polls"
KEEP, REMOVE = "keep", "remove"


def register() -> None:
    personal_data.ask_at_closing(
        PART,
        personal_data.Question(
            "What should become of your votes in polls?",
            (
                (KEEP, "Keep them in the totals, and forget that they were mine"),
                (REMOVE, "Take them out of the totals"),
            ),
        ),
    )
    personal_data.register_erasure(PART, let_go)


def let_go(member, parting) -> None:
    forget_voter(member_voter(member.pk), remove_votes=parting.answer(PART) == REMOVE)
