"""Uploaded pictures, answered as what they are and nothing else."""

from pathlib import PurePosixPath

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from .content_security import MEDIA_POLICY

TYPES = {
    ".avif": "image/avif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}


@require_safe
@csp_override(MEDIA_POLICY)
def media_file(request, name):
    """Open to everyone. Names are made from the content, so an answer may be kept for good."""
    content_type = TYPES.get(PurePosixPath(name).suffix)
    if content_type is None:
        raise Http404
    try:
        file = default_storage.open(name)
    except (OSError, SuspiciousFileOperation, ValueError) as missing:
        raise Http404 from missing
    response = FileResponse(file, content_type=content_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
