"""The project, and the few things every app stands on.

Settings, addresses, the one gate from Markdown to HTML, security headers, media
files and the local server. Nothing here imports an app; only ``urls.py`` and
``settings/`` name them.
"""
