from django.conf import settings


def site(request):
    """What the frame of every page needs: the site's name, and whether it is a demonstration."""
    return {
        "site_name": settings.SITE_NAME,
        "is_demonstration_site": settings.IS_DEMONSTRATION,
    }
