from django import forms

from .. import personal_data
from ..models import OWN_WORDS_LIMIT, Member
from ..models.member import AFTER_DEATH, AT_CLOSING
from .fields import CodeField, EmailField, NameField, PlainForm, WordsField


class ProfileForm(PlainForm):
    display_name = NameField()
    own_words = WordsField(
        most=OWN_WORDS_LIMIT,
        name="Your words",
        label="In your own words (optional)",
        help_text=f"Up to {OWN_WORDS_LIMIT} characters, shown on your profile.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    relation = forms.ChoiceField(
        label="How are you connected with MBC?", choices=Member.Relation.choices
    )
    relation_is_shown = forms.BooleanField(label="Show this beside my name", required=False)


class ReadingForm(PlainForm):
    text = forms.TypedChoiceField(
        label="Text size",
        coerce=int,
        choices=[(1, "Standard"), (2, "Larger"), (3, "Largest")],
        widget=forms.RadioSelect,
        initial=1,
    )
    theme = forms.ChoiceField(
        label="Colors",
        choices=[("", "Like my device"), ("light", "Light"), ("dark", "Dark")],
        widget=forms.RadioSelect,
        required=False,
    )
    calm = forms.BooleanField(
        label="Calm mode", help_text="Nothing on a page moves.", required=False
    )
    hide_numbers = forms.BooleanField(
        label="Hide survival numbers",
        help_text="The numbers are left out. The sentence beside them stays.",
        required=False,
    )
    quiet = forms.BooleanField(
        label="Quiet topics",
        help_text="Leave the people we remember out of the home page.",
        required=False,
    )


class ChangeEmailForm(PlainForm):
    email = EmailField(label="New email address")


class TwoCodesForm(PlainForm):
    old_code = CodeField(label="Code from your old address")
    new_code = CodeField(label="Code from your new address")


class CloseForm(PlainForm):
    words = forms.ChoiceField(
        label="What should become of your comments?",
        choices=AT_CLOSING,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what should become of your comments"},
    )

    def __init__(self, *args, answers=None, **options):
        """What other apps ask has an answer already: leaving is not held up by it."""
        super().__init__(*args, **options)
        for part, question in personal_data.questions().items():
            self.fields[part] = forms.ChoiceField(
                label=question.label,
                choices=question.choices,
                widget=forms.RadioSelect,
                required=False,
                initial=(answers or {}).get(part, question.choices[0][0]),
            )

    def more(self):
        """The fields of other apps' questions."""
        return [self[part] for part in personal_data.questions()]

    def answers(self) -> dict[str, str]:
        found = {part: self.cleaned_data.get(part) for part in personal_data.questions()}
        return {part: value for part, value in found.items() if value}


class WishForm(PlainForm):
    wish = forms.ChoiceField(
        label="What should become of your words?",
        choices=[("", "I have not decided"), *AFTER_DEATH],
        widget=forms.RadioSelect,
        required=False,
    )
    wish_contact = WordsField(
        most=200,
        name="Your answer",
        label="Who may ask us to act on this? (optional)",
        help_text="A name and how to reach them. They cannot sign in to your account.",
        required=False,
    )
