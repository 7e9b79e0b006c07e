"""Telling those who keep the site running: a line in the log, and a mail to ADMINS."""

import logging

from django.conf import settings
from django.core.mail import mail_admins

from .ratelimits import allow, hours

logger = logging.getLogger("harbor.operators")


def tell_operators(subject: str, text: str) -> None:
    """Log it always; mail it at most once in six hours for each subject.

    Never raises: whoever tells has something more important to finish. No word of a member
    or reader belongs in it.
    """
    logger.error("%s", subject, extra={"fields": {"message": subject, "detail": text}})
    if not settings.ADMINS:
        return
    try:
        if allow("tell-operators", subject, to=1, per=hours(6)):
            mail_admins(subject, text)
    except Exception:
        logger.exception("The operators could not be told by mail")
