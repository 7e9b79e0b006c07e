"""All addresses. Each app owns those of its own nouns."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from . import health, media

handler500 = "advocacy_site.error_pages.broken"

urlpatterns = [
    path("", include("articles.urls")),
    path("", include("community.policies.urls")),
    path("", include("polls.urls")),
    path("", include("community.comments.urls")),
    path("", include("community.members.urls")),
    path("", include("community.newsletter.urls")),
    path("", include("community.moderation.urls")),
    path("admin/", admin.site.urls),
    path("media/<path:name>", media.media_file, name="media"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
]

if getattr(settings, "ANYMAIL", None):  # signed notices of the mail relay
    urlpatterns.append(path("mail-events/", include("anymail.urls")))

if getattr(settings, "SHOW_MAILBOX", False):
    from . import mailbox

    urlpatterns.append(path("mailbox/", include(mailbox.urlpatterns)))
