from django.conf import settings


def site(request):
    """What every page needs: the site's name and address, and whether it is a demonstration."""
    return {
        "site_url": settings.SITE_URL,
        "site_name": settings.SITE_NAME,
        "is_demonstration_site": settings.IS_DEMONSTRATION,
    }
