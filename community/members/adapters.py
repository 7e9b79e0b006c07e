"""Where allauth's ways end and this site's begin."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils.safestring import mark_safe

from advocacy_site.client_address import client_address

from .limits import may_ask


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        """People join at /join/; allauth's own way is not used."""
        return False

    def get_client_ip(self, request):
        return client_address(request)

    def reauthenticate(self, user, password):
        return may_ask(context.request, "password", user.email) and user.check_password(password)

    def send_mail(self, template_prefix, email, context):
        """Nothing: every mail of this site is a folder of its own (see mailing.py)."""

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """Second factors were changed: tell the owner, whichever way it was."""
        from .tasks import tell_of_second_factor  # tasks need the settings

        tell_of_second_factor.enqueue(user.pk)

    def add_message(self, request, level, message_template=None, *args, **kwargs):
        """The page after signing in or out says it by what it shows."""
        if message_template not in {
            "account/messages/logged_in.txt",
            "account/messages/logged_out.txt",
        }:
            super().add_message(request, level, message_template, *args, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):
    def _get_user_identifier(self, user):
        """What a phone or key shows in its list: the name, since the address may be seen."""
        return user.display_name

    def _get_site_name(self):
        from django.conf import settings

        return settings.SITE_NAME

    def build_totp_svg(self, url):
        """To stand in the page itself: our policy loads no data: pictures."""
        svg = super().build_totp_svg(url)
        return mark_safe(svg[svg.index("<svg") :])  # noqa: S308 - made of squares by qrcode
