"""E-mail: the one other way out, to the operator's own mail server as an Airflow connection describes it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage

from newswire.records import Access
from newswire.web.refusal import Refusal

_TIMEOUT_S = 15  # of each step
_SMTPS, _SUBMISSION = 465, 587  # RFC 8314, 3.3 and 3.4


def send_mail(access: Access, *, to: Sequence[str], title: str, plain: str, webhook_id: str) -> str:
    """Send one letter and return the server's answer in words. Raises Refusal.

    The connection is Airflow's own kind, SMTP: host, port, login, password, and in its extra `from_email`, `disable_ssl`
    (then STARTTLS is asked for) and `disable_tls` (then nothing is).
    """
    letter = _letter(access, to=to, title=title, plain=plain, webhook_id=webhook_id)
    try:
        with _connected(access) as server:
            if access.login:
                server.login(access.login, access.password or "")
            refused = server.send_message(letter)
    except smtplib.SMTPAuthenticationError as error:
        raise Refusal("credential", f"the mail server does not take the login: {error.smtp_code}") from error
    except smtplib.SMTPException as error:
        raise Refusal("refused", f"the mail server refuses: {error}"[:500]) from error
    except TimeoutError as error:
        raise Refusal("timeout", f"the mail server does not answer: {error}") from error
    except (OSError, ssl.SSLError) as error:
        raise Refusal("connect", f"the mail server cannot be reached: {error}") from error
    if refused:
        raise Refusal("refused", f"the mail server refuses {', '.join(refused)}")
    return f"taken by {access.host}"


def _letter(access: Access, *, to: Sequence[str], title: str, plain: str, webhook_id: str) -> EmailMessage:
    sender = access.extra.get("from_email") or access.login or ""
    if not access.host or "@" not in sender:
        raise Refusal("credential", "the connection lacks a host or `from_email` in its extra; add it")
    letter = EmailMessage()
    letter["Subject"] = title
    letter["From"] = sender
    letter["To"] = ", ".join(to)
    letter["Message-ID"] = f"<{webhook_id}@{sender.rpartition('@')[2]}>"  # the same at every try: readers show it once
    letter.set_content(plain)
    return letter


def _connected(access: Access) -> smtplib.SMTP:
    host, extra = access.host or "", access.extra
    if not extra.get("disable_ssl"):
        return smtplib.SMTP_SSL(host, access.port or _SMTPS, timeout=_TIMEOUT_S, context=ssl.create_default_context())
    server = smtplib.SMTP(host, access.port or _SUBMISSION, timeout=_TIMEOUT_S)
    if not extra.get("disable_tls"):
        server.starttls(context=ssl.create_default_context())
    return server
