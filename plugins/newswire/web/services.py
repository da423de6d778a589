"""Services that Apprise knows (Telegram, Slack, Matrix and a hundred more), where that package is installed."""

from __future__ import annotations

from newswire.records import Access
from newswire.web.refusal import Refusal


def notify(access: Access, *, title: str, plain: str) -> str:
    """Tell the services whose addresses are the password of the connection, with spaces between. Raises Refusal."""
    try:
        import apprise  # noqa: PLC0415 - an extra of the package
    except ImportError:
        raise Refusal(
            "credential", "Apprise is not installed; `pip install newswire[apprise]` where tasks run"
        ) from None
    addresses = (access.password or "").split()
    services = apprise.Apprise()
    if not addresses or not all(services.add(address) for address in addresses):
        raise Refusal("credential", "the password of the connection is no address that Apprise knows; mend it")
    if not services.notify(title=title, body=plain):
        raise Refusal("refused", "a service did not take the message; the log of the task says which")
    return f"taken by {len(addresses)} services"
