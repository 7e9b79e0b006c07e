"""How often someone may ask for a code or try a password.

Every limit counts by the network that asks, alone or together with the address it asks
about; never by the address alone, since then a stranger could use up its owner's. A browser
the owner has signed in with before (known_browsers.py) is counted by itself. What is left to
a stranger with many networks is to send mail that nobody asked for, 5 in 10 minutes from each.
"""

from advocacy_site.client_address import client_address
from advocacy_site.ratelimits import allow, minutes

from .known_browsers import known_name

WINDOW = minutes(10)
FROM_ONE_NETWORK = 30  # a hospital's wifi is one network
ABOUT_ONE_ADDRESS = 5
IN_A_KNOWN_BROWSER = 10


def may_ask(request, deed: str, email: str) -> bool:
    """Count one try of ``deed`` ("code", "password") about ``email`` and allow or refuse it.

    The answer depends on who asks and never on whether the address has an account.
    """
    email = email.lower()
    if name := known_name(request, email):
        return allow(f"{deed}-known", f"{name}:{email}", to=IN_A_KNOWN_BROWSER, per=WINDOW)
    network = client_address(request)
    return allow(f"{deed}-network", network, to=FROM_ONE_NETWORK, per=WINDOW) and allow(
        f"{deed}-address", f"{network}:{email}", to=ABOUT_ONE_ADDRESS, per=WINDOW
    )
