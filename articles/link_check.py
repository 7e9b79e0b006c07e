"""Ask an address on the web whether it still answers. Never asked from a page.

An editor names the address, our server asks it: so it must be public. The name is resolved
once, every address it has is judged, and the connection goes to the one that was judged.
"""

import ipaddress
import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urljoin, urlsplit

from django.conf import settings

SECONDS = 10
MOST_REDIRECTS = 5
AGENT = "HarborLinkCheck/1.0 (looks whether cited sources still answer)"
# These say that the page is there, but not for a program.
SHY = {401, 403, 405, 406, 429, 999}


class Refused(Exception):
    """The address is not one that this site asks; the message is a sentence."""


def problem_with(address: str, *, allow_private: bool = False) -> str:
    """A sentence on why it did not answer, or nothing when it did."""
    try:
        for _ in range(MOST_REDIRECTS + 1):
            status, location = ask(address, allow_private)
            if status in {301, 302, 303, 307, 308} and location:
                address = urljoin(address, location)
                continue
            return "" if status < 400 or status in SHY else f"It answers with error {status}."
    except Refused as refused:
        return str(refused)
    except TimeoutError:
        return f"It did not answer within {SECONDS} seconds."
    except ssl.SSLError:
        return "Its certificate is not valid."
    except socket.gaierror:
        return "There is no site of this name."
    except (OSError, HTTPException, ValueError):
        return "It cannot be reached."
    return "It leads from one address to the next without end."


def ask(address: str, allow_private: bool) -> tuple[int, str]:
    """The status and, for a redirect, where it leads. The body is never read."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused("It is not an address on the web.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    place = judged_place(parts.hostname, port, allow_private)
    connection = connect(parts.scheme, parts.hostname, port, place)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        connection.request(
            "GET",
            path.encode("ascii", "ignore").decode(),
            headers={"User-Agent": AGENT, "Accept": "*/*", "Host": parts.netloc.rpartition("@")[2]},
        )
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location", "")
    finally:
        connection.close()


def judged_place(host: str, port: int, allow_private: bool) -> str:
    """The address to connect to. One private address among several is refused as well."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    places = [entry[4][0] for entry in found]
    for place in places:
        ip = ipaddress.ip_address(place.partition("%")[0])
        if getattr(ip, "ipv4_mapped", None):
            ip = ip.ipv4_mapped
        if not allow_private and (not ip.is_global or ip.is_multicast):
            raise Refused("It leads into a private network and is not asked.")
    return places[0]


def connect(scheme: str, host: str, port: int, place: str) -> HTTPConnection:
    """A connection to exactly this place that still speaks to the host by its name."""
    sock = socket.create_connection((place, port), timeout=SECONDS)
    if scheme == "https":
        try:
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
        except Exception:
            sock.close()
            raise
        connection = HTTPSConnection(host, port, timeout=SECONDS)
    else:
        connection = HTTPConnection(host, port, timeout=SECONDS)
    connection.sock = sock
    return connection


def private_is_allowed() -> bool:
    """Only the tests, whose server is on their own machine, say so."""
    return getattr(settings, "LINK_CHECK_MAY_ASK_PRIVATE", False)
