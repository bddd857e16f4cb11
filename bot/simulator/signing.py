"""The signature Twilio puts on its webhooks (twilio.com/docs/usage/security)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def sign(url: str, fields: Mapping[str, str], auth_token: str) -> str:
    """`X-Twilio-Signature` for a form POST: base64 of HMAC-SHA1 over the address and the sorted fields."""
    material = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(auth_token.encode(), material.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
