"""What nothing at all costs here, for comparison: a constant from bare WSGI, a constant from a
Django view, and a Django view with one query by key."""

import os

BODY = b"<!doctype html><title>Constant</title><p>" + b"calm water " * 900


def bare(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(BODY)))])
    return [BODY]


def django():
    from django.conf import settings

    from advocacy_site.database_url import parse_database_url

    settings.configure(
        ALLOWED_HOSTS=["localhost"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[],
        DATABASES={"default": parse_database_url(os.environ["DATABASE_URL"])},
    )
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def constant(request):
    from django.http import HttpResponse

    return HttpResponse(BODY)


def one_query(request):
    from django.db import connection
    from django.http import HttpResponse

    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM policies_policy WHERE id = %s", [1])
        cursor.fetchone()
    return HttpResponse(BODY)


if os.environ.get("PLAIN") == "django":
    from django.urls import path

    urlpatterns = [path("constant", constant), path("query", one_query)]
    django_app = django()
