"""Which IP addresses belong to the public internet, and why the others do not.

Our own list: `ipaddress.is_global` of Python 3.11 takes multicast, IPv4-compatible, NAT64 and 6to4 addresses for public.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_IPV4 = {
    "0.0.0.0/8": "this network, RFC 1122",
    "10.0.0.0/8": "private, RFC 1918",
    "100.64.0.0/10": "carrier-grade NAT, RFC 6598",
    "127.0.0.0/8": "loopback, RFC 1122",
    "168.63.129.16/32": "Azure platform address, answers inside virtual machines only",
    "169.254.0.0/16": "link-local and cloud metadata, RFC 3927",
    "172.16.0.0/12": "private, RFC 1918",
    "192.0.0.0/24": "protocol assignments, RFC 6890",
    "192.0.2.0/24": "documentation, RFC 5737",
    "192.31.196.0/24": "AS112, RFC 7535",
    "192.52.193.0/24": "multicast tunneling, RFC 7450",
    "192.88.99.0/24": "6to4 relay, RFC 7526",
    "192.168.0.0/16": "private, RFC 1918",
    "192.175.48.0/24": "AS112, RFC 7534",
    "198.18.0.0/15": "benchmarking, RFC 2544",
    "198.51.100.0/24": "documentation, RFC 5737",
    "203.0.113.0/24": "documentation, RFC 5737",
    "224.0.0.0/4": "multicast, RFC 5771",
    "255.255.255.255/32": "broadcast, RFC 919",
    "240.0.0.0/4": "reserved, RFC 1112",
}

_IPV6 = {
    "::/128": "unspecified, RFC 4291",
    "::1/128": "loopback, RFC 4291",
    "::/96": "IPv4-compatible, RFC 4291",
    "64:ff9b:1::/48": "local NAT64, RFC 8215",
    "100::/64": "discard, RFC 6666",
    "2001::/32": "Teredo, RFC 4380",
    "2001:2::/48": "benchmarking, RFC 5180",
    "2001:10::/28": "ORCHID, RFC 4843",
    "2001:20::/28": "ORCHID, RFC 7343",
    "2001::/23": "protocol assignments, RFC 2928",
    "2001:db8::/32": "documentation, RFC 3849",
    "2002::/16": "6to4, RFC 3056",
    "2620:4f:8000::/48": "AS112, RFC 7534",
    "3fff::/20": "documentation, RFC 9637",
    "5f00::/16": "segment routing, RFC 9602",
    "fc00::/7": "private, RFC 4193",
    "fe80::/10": "link-local, RFC 4291",
    "fec0::/10": "site-local, RFC 3879",
    "ff00::/8": "multicast, RFC 4291",
}

_IPV4_NETWORKS = [(IPv4Network(network), name) for network, name in _IPV4.items()]
_IPV6_NETWORKS = [(IPv6Network(network), name) for network, name in _IPV6.items()]
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA gives to networks
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: how IPv6-only networks reach an IPv4 address


# Where receivers of an operator's own may be. Link-local addresses are not among them: there the metadata of clouds is.
_INTERNAL = [
    ip_network(network)
    for network in (
        "127.0.0.0/8",
        "::1/128",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "fc00::/7",
    )
]
_METADATA = [ip_network("fd00:ec2::/32")]  # of Amazon, within fc00::/7


def is_internal(address: str) -> bool:
    """Whether it is of this machine or of a private network: never asked, unless somebody wrote down that it may be."""
    ip = _embedded(ip_address(address))
    return any(ip in network for network in _INTERNAL) and not any(ip in network for network in _METADATA)


def why_not_public(address: str) -> str | None:
    """The reason why an IP address is never asked, such as "loopback, RFC 1122"; None: it is public."""
    ip = _embedded(ip_address(address))
    for network, name in _IPV4_NETWORKS if ip.version == 4 else _IPV6_NETWORKS:  # noqa: PLR2004 - IP versions are 4 and 6
        if ip in network:
            return name
    if isinstance(ip, IPv6Address) and ip not in _GLOBAL_UNICAST:
        return "not global unicast, RFC 4291"
    return None


def is_own(address: str) -> bool:
    """Whether an IP address can only be this machine or one of a private network."""
    return (why_not_public(address) or "").startswith(("loopback", "private"))


def _embedded(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that a mapped (RFC 4291, 2.5.5.2) or NAT64 address leads to; any other address itself."""
    if isinstance(ip, IPv6Address) and ip in _NAT64:
        return IPv4Address(ip.packed[-4:])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return ip
