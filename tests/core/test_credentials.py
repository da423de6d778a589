"""What a connection means, and that its secret stays its own."""

from base64 import b64encode

import pytest

from newswire.core.credentials import credential, read_connection

BASIC = ("Authorization", "Basic " + b64encode(b"ann:p@ss:/?#").decode())
BEARER = ("Authorization", "Bearer s3cret")


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ('{"conn_type": "http", "login": "ann", "password": "p@ss:/?#"}', [BASIC]),
        ("http://ann:p%40ss%3A%2F%3F%23@", [BASIC]),
        ('{"password": "s3cret"}', [BEARER]),
        ('{"extra": {"token": "s3cret"}}', [BEARER]),
        ('{"extra": "{\\"token\\": \\"s3cret\\"}"}', [BEARER]),
        ("http://?token=s3cret", [BEARER]),
        ("http://?__extra__=%7B%22token%22%3A%22s3cret%22%7D", [BEARER]),
        ('{"extra": {"headers": {"X-Key": "k", "X-Id": 7}}}', [("X-Key", "k"), ("X-Id", "7")]),
        ('{"login": "ann", "password": "p@ss:/?#", "extra": {"headers": {"X-Key": "k"}}}', [("X-Key", "k"), BASIC]),
    ],
)
def test_a_connection_is_read_as_airflow_writes_it(text, headers):
    assert read_connection(text).headers == tuple(headers)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{}", "it says nothing"),
        ("s3cret", "it is neither JSON nor an address"),
        ('{"password": "s3cret"', "it is neither JSON nor an address"),
        ('{"extra": {"headers": "s3cret"}}', "is no object"),
        ('{"extra": {"headers": {"Host": "s3cret"}}}', "'Host' in its extra is no header that it may set"),
        ('{"extra": {"headers": {"X Key": "s3cret"}}}', "'X Key' in its extra is no header"),
        ('{"extra": {"headers": {"X-Key": "s3cret\\r\\nX: y"}}}', "its value for X-Key has characters"),
        ('{"password": "s3cret\\n"}', "its value for Authorization has characters"),
    ],
)
def test_what_cannot_be_used_is_said_without_the_secret(text, says):
    with pytest.raises(ValueError, match="; ") as refused:
        read_connection(text)
    assert says in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_credential_is_in_no_log():
    assert "s3cret" not in f"{credential(None, 's3cret', {})!r} {credential(None, 's3cret', {})}"
