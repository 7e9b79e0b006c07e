from django.urls import path, re_path

from . import views
from .models import Policy

app_name = "policies"

urlpatterns = [
    *(path(f"{kind}/", views.policy, {"kind": kind}, name=kind) for kind in Policy.Kind.values),
    re_path(
        rf"^(?P<kind>{'|'.join(Policy.Kind.values)})/versions/(?P<number>[1-9][0-9]{{0,5}})/$",
        views.version,
        name="version",
    ),
]
