"""Through the door: from a right code, password or passkey to a signed-in session."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.db import IntegrityError, transaction
from django.utils.http import url_has_allowed_host_and_scheme

from community.policies.models import accept

from .models import EmailedCode, Member

CODE = "emailed_code"
AFTERWARDS = "after_sign_in"
CAME_FROM = "came_from"  # the page this sign-in began at
MOST_RACES = 5


def safe_next(request) -> str:
    """Where the person came from, if that is a page of this site, else ""."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if is_ours and len(url) < 2000 else ""


def hold(request, row: EmailedCode) -> None:
    """Let this browser, and no other, answer with the code."""
    request.session[CODE] = str(row.key)
    keep_way_back(request)


def keep_way_back(request) -> None:
    """Where this sign-in leads: never where an earlier one, perhaps somebody else's, would have."""
    if after := safe_next(request):
        request.session[AFTERWARDS] = after
    elif AFTERWARDS in request.session:
        del request.session[AFTERWARDS]


def come_in(request, row: EmailedCode):
    """The code was right: sign in, joining first where there is no account yet."""
    request.session.pop(CODE, None)
    member, is_new = account_for(row)
    if member is None or not member.may_sign_in:
        return None
    request.is_first_sign_in = is_new
    record_authentication(request, member, method="code")
    return walk_in(request, member)


def walk_in(request, member: Member):
    """Sign in, by way of the second factor where the account has one."""
    after = request.session.pop(AFTERWARDS, None) or safe_next(request)
    if after:
        request.session[CAME_FROM] = after
    return perform_login(request, Login(user=member, redirect_url=after or None))


def account_for(row: EmailedCode) -> tuple[Member | None, bool]:
    """The account under the address of a used code. Only a code for joining makes one: a code
    for signing in came without a name, an age and rules that were read.
    """
    for _ in range(MOST_RACES):
        try:
            with transaction.atomic():
                return find_or_join(row)
        except IntegrityError:
            # Somebody was faster with this address or this handle: now there is a row to see.
            continue
    return find(row.email), False


def find_or_join(row: EmailedCode) -> tuple[Member | None, bool]:
    member, is_new = find(row.email), False
    if member is None and row.purpose == EmailedCode.Purpose.JOIN:
        member = Member.objects.create_user(row.email, display_name=row.display_name)
        is_new = True
    if member is not None and row.rules is not None:
        accept(row.rules, member)
    return member, is_new


def find(email: str) -> Member | None:
    return Member.objects.filter(email__iexact=email).first()
