"""Nobody needs to send more than a picture and its form."""

from django.http import HttpResponse

MOST_BODY_BYTES = 17 * 1024 * 1024


class BodyLimitMiddleware:
    """Refuse a larger body by its announced length, before a byte of it is read."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdigit() and int(announced) > MOST_BODY_BYTES:
            return HttpResponse(
                f"Send {MOST_BODY_BYTES >> 20} MB or less.\n", "text/plain", status=413
            )
        return self.get_response(request)
