"""The text field of the editors' desk: django-markdownx with a way out by keyboard."""

from markdownx.widgets import AdminMarkdownxWidget


class MarkdownEditor(AdminMarkdownxWidget):
    class Media:
        js = ["js/editor.js"]
