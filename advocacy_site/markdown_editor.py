"""The text field of the editors' desk: django-markdownx with a way out by keyboard."""

from django.urls import reverse
from markdownx.widgets import AdminMarkdownxWidget


class MarkdownEditor(AdminMarkdownxWidget):
    """``preview`` names the address that shows the text as its own page would."""

    class Media:
        js = ["js/editor.js"]

    def __init__(self, *args, preview: str = "admin:articles_article_preview", **kwargs):
        super().__init__(*args, **kwargs)
        self.preview = preview

    def get_context(self, name, value, attrs=None):
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["data-markdownx-urls-path"] = reverse(self.preview)
        return context
