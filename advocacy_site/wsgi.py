"""The door for the server. Production settings unless the environment says otherwise."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "advocacy_site.settings.production")

django = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402 - apps are loaded now

from advocacy_site.reader_cache import ReaderCache  # noqa: E402

application = ReaderCache(django)

# What is loaded by now stays for as long as the process does. Python's collector looked through
# all of it again and again, and whoever was asking then waited for a tenth of a second.
get_resolver().url_patterns  # noqa: B018 - the addresses, and with them every view
gc.collect()
gc.freeze()
