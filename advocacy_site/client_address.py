"""Who is asking, as far as a limit needs to know. The answer is never stored as it is."""

from ipaddress import ip_address, ip_network

from django.conf import settings


def client_address(request) -> str:
    """The address of the machine that asks.

    ``X-Forwarded-For`` is a claim anyone can make, so it is read only when the connection
    comes from one of ``settings.TRUSTED_PROXIES`` (networks), from the right, past every
    trusted proxy. IPv6 is cut to its /64, which one household or phone holds as a whole.
    """
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    while is_trusted_proxy(address) and forwarded and (claimed := forwarded.pop().strip()):
        address = claimed
    return network_of(address)


def is_trusted_proxy(address: str) -> bool:
    try:
        machine = ip_address(address)
    except ValueError:
        return False
    return any(machine in ip_network(network) for network in settings.TRUSTED_PROXIES)


def network_of(address: str) -> str:
    try:
        machine = ip_address(address)
    except ValueError:
        return "unknown"
    if machine.version == 4:
        return str(machine)
    if machine.ipv4_mapped:
        return str(machine.ipv4_mapped)
    return str(ip_network((machine, 64), strict=False))
