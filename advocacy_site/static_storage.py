"""Static files as they are sent: comments and spaces left out of stylesheets, then fingerprinted
and compressed. The sources stay readable, and there is no step to build them."""

import rcssmin
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage


class SmallManifestStorage(CompressedManifestStaticFilesStorage):
    def _save(self, name, content):
        if name.endswith(".css"):
            content = ContentFile(small_css(b"".join(content.chunks())))
        return super()._save(name, content)


def small_css(css: bytes) -> bytes:
    return rcssmin.cssmin(css, keep_bang_comments=True)
