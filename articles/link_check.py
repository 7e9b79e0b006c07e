"""Ask an address on the web whether it still answers. Never asked from a page.

An editor names the address, our server asks it: so it must be public. The name is resolved
once, every address it has is judged, and the connection goes to the one that was judged.
"""

import ipaddress
import socket
import ssl
import threading
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings

SECONDS = 10
# In all, redirects included: a server that sends a byte now and then must not hold the worker.
MOST_SECONDS = 20
MOST_REDIRECTS = 5
AGENT = "HarborLinkCheck/1.0 (looks whether cited sources still answer)"
LEFT_ALONE = "/%:=&?~#+!$,;'@()*[]"  # in an address that may be quoted already
# These say that the page is there, but not for a program.
SHY = {401, 403, 405, 406, 429, 999}


class Refused(Exception):
    """The address is not one that this site asks; the message is a sentence."""


SILENT = f"It did not answer within {MOST_SECONDS} seconds."


class Deadline:
    """Closes whatever connection is open when the time is up, in whatever step it is."""

    def __init__(self, seconds: float):
        self.has_passed = False
        self.sock = None
        self.timer = threading.Timer(seconds, self.close)
        self.timer.daemon = True
        self.timer.start()

    def watch(self, sock: socket.socket) -> None:
        self.sock = sock
        if self.has_passed:
            self.close()

    def close(self) -> None:
        self.has_passed = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        self.timer.cancel()


def problem_with(address: str, *, allow_private: bool = False) -> str:
    """A sentence on why it did not answer, or nothing when it did."""
    until = Deadline(MOST_SECONDS)
    try:
        for _ in range(MOST_REDIRECTS + 1):
            status, location = ask(address, allow_private, until)
            if until.has_passed:
                return SILENT
            if status in {301, 302, 303, 307, 308} and location:
                address = urljoin(address, location)
                continue
            return "" if status < 400 or status in SHY else f"It answers with error {status}."
    except Refused as refused:
        return str(refused)
    except TimeoutError:
        return SILENT
    except ssl.SSLError:
        if until.has_passed:
            return SILENT
        return "Its certificate is not valid."
    except socket.gaierror:
        return "There is no site of this name."
    except (OSError, HTTPException, ValueError, AttributeError):
        # Also whatever a socket says that the deadline closed under it.
        return SILENT if until.has_passed else "It cannot be reached."
    finally:
        until.stop()
    return "It leads from one address to the next without end."


def ask(address: str, allow_private: bool, until: Deadline) -> tuple[int, str]:
    """The status and, for a redirect, where it leads. The body is never read."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused("It is not an address on the web.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = ascii_host(parts.hostname)
    place = judged_place(host, port, allow_private)
    connection = connect(parts.scheme, host, port, place, until)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    named = f"[{host}]" if ":" in host else host
    try:
        connection.request(
            "GET",
            quote(path, safe=LEFT_ALONE),
            headers={
                "User-Agent": AGENT,
                "Accept": "*/*",
                "Host": f"{named}:{parts.port}" if parts.port else named,
            },
        )
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location", "")
    finally:
        connection.close()


def ascii_host(host: str) -> str:
    """``bücher.example`` as the name servers know it: ``xn--bcher-kva.example``."""
    return host if host.isascii() else host.encode("idna").decode()


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


def connect(scheme: str, host: str, port: int, place: str, until: Deadline) -> HTTPConnection:
    """A connection to exactly this place that still speaks to the host by its name."""
    sock = socket.create_connection((place, port), timeout=SECONDS)
    until.watch(sock)
    if scheme == "https":
        try:
            sock = ssl.create_default_context().wrap_socket(
                sock, server_hostname=host, do_handshake_on_connect=False
            )
            until.watch(sock)
            sock.do_handshake()
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
