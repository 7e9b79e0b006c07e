"""What a page of ours may load and run.

Everything starts from ``default-src 'none'`` and only this site is let in. There is no
``unsafe-inline`` and no ``unsafe-eval`` anywhere.

The admin needs three things more than a reader's page: its own scripts build HTML from
text, so Trusted Types stay off there; its stylesheets use ``data:`` pictures for icons;
and the live preview posts back to this site (``connect-src 'self'``).
"""

from django.utils.csp import CSP

_EVERY_PAGE = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

PUBLIC_POLICY = {
    **_EVERY_PAGE,
    "require-trusted-types-for": ["'script'"],
    # The one policy of static/js/enhance.js, for the fragments that this site itself sends.
    "trusted-types": ["default"],
}

ADMIN_POLICY = {
    **_EVERY_PAGE,
    "img-src": [CSP.SELF, "data:"],
}

# A media file is a picture and nothing else, even when a browser is asked to open it.
MEDIA_POLICY = {"default-src": [CSP.NONE], "sandbox": True}
