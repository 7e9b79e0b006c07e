from advocacy_site.metrics import gauge

from .models import Delivery


@gauge("letters_waiting", "Mails of letters that have not gone out yet")
def letters_waiting():
    return Delivery.objects.filter(state__in=["waiting", "claimed", "begun"]).count()
