"""For the machines: is the process up, and can it do its work?"""

from django.db import Error, connection
from django.http import HttpResponse
from django.views.decorators.cache import never_cache


@never_cache
def live(request):
    return HttpResponse("alive\n", content_type="text/plain")


@never_cache
def ready(request):
    """503 as soon as the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("the database does not answer\n", "text/plain", status=503)
    return HttpResponse("ready\n", content_type="text/plain")
