"""Through the door: from a right code, password or passkey to a signed-in session."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.db import IntegrityError, transaction
from django.utils.http import url_has_allowed_host_and_scheme

from community.policies.models import accept

from .models import EmailedCode, Member

CODE = "emailed_code"
AFTERWARDS = "after_sign_in"


def safe_next(request) -> str:
    """Where the person came from, if that is a page of this site, else ""."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if is_ours and len(url) < 2000 else ""


def hold(request, row: EmailedCode) -> None:
    """Let this browser, and no other, answer with the code."""
    request.session[CODE] = str(row.key)
    if after := safe_next(request):
        request.session[AFTERWARDS] = after


def come_in(request, row: EmailedCode):
    """The code was right: sign in, joining first where there is no account yet."""
    request.session.pop(CODE, None)
    member, is_new = account_for(row)
    if not member.may_sign_in:
        return None
    request.is_first_sign_in = is_new
    record_authentication(request, member, method="code")
    return walk_in(request, member)


def walk_in(request, member: Member):
    """Sign in, by way of the second factor where the account has one."""
    after = request.session.pop(AFTERWARDS, None) or safe_next(request)
    return perform_login(request, Login(user=member, redirect_url=after or None))


def account_for(row: EmailedCode) -> tuple[Member, bool]:
    """The account under the address of a used code, made now if there is none."""
    try:
        with transaction.atomic():
            member, is_new = find(row.email), False
            if member is None:
                member, is_new = (
                    Member.objects.create_user(row.email, display_name=row.display_name),
                    True,
                )
            if row.rules is not None:
                accept(row.rules, member)
            return member, is_new
    except IntegrityError:  # another tab was faster
        return find(row.email), False


def find(email: str) -> Member | None:
    return Member.objects.filter(email__iexact=email).first()
