"""Made-up tokens in the form of those of services, put together so that no scanner takes these tests for a leak."""

from __future__ import annotations

import base64
import json


def segment(claims: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


BODY = "Zk3Qw9XrT7vLm2Ns8Pb4Hd6Gy1Jc5Fa0UeRiOtKq"
AWS = "AKIA" + "Q3EGRXLTSN7RZ2VK"
GITHUB = "ghp" + "_" + BODY[:36]
GITLAB = "glpat" + "-" + BODY[:20]
SLACK = "xoxb" + "-204837569123-" + BODY[:24].lower()
STRIPE = "sk" + "_live_" + BODY[:24]
TELEGRAM = "7204837569" + ":AA" + BODY[:33]
SENDGRID = "SG" + "." + BODY[:22] + "." + (BODY + "abc")[:43]
SQUARE = "sq0csp" + "-" + (BODY + "abc")[:43]
OPENAI = "sk" + "-" + BODY[:20] + "T3Blbk" + "FJ" + BODY[20:40]
AZURE = "AccountKey" + "=" + (BODY * 3)[:86] + "=="
TWILIO = "SK" + "3f9a1c7b2e8d4056a1b3c5d7e9f02468"
MAILCHIMP = "3f9a1c7b2e8d4056a1b3c5d7e9f02468" + "-us14"
PYPI = "pypi" + "-AgEIcHlwaS5vcmc" + (BODY * 3)[:80]
DISCORD = "M" + base64.b64encode(b"204837569123456789").decode()[1:] + "." + BODY[:6] + "." + BODY[5:32]
JWT = segment({"alg": "HS256", "typ": "JWT"}) + "." + segment({"sub": "7204837", "scope": "admin"}) + "." + BODY
NPM = "//registry.example/:_authToken=" + "npm_" + BODY[:36]
PRIVATE_KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\n" + BODY * 4 + "\n-----END RSA PRIVATE KEY-----\n"

ALL = {
    "AWS": AWS, "GitHub": GITHUB, "GitLab": GITLAB, "Slack": SLACK, "Stripe": STRIPE, "Telegram": TELEGRAM, "SendGrid": SENDGRID,
    "Square": SQUARE, "OpenAI": OPENAI, "Azure Storage": AZURE, "Twilio": TWILIO, "Mailchimp": MAILCHIMP, "PyPI": PYPI,
    "Discord": DISCORD, "JSON Web Token": JWT, "npm": NPM, "private key": PRIVATE_KEY,
}  # fmt: skip
