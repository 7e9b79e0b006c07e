"""The door for the server. Production settings unless the environment says otherwise."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "advocacy_site.settings.production")

django = get_wsgi_application()

from advocacy_site.reader_cache import ReaderCache  # noqa: E402 - apps are loaded now

application = ReaderCache(django)
