"""What Meta says no with."""

from __future__ import annotations

import secrets
from typing import Any

#: Its words for the codes that it documents.
MESSAGES = {
    1: "An unknown error occurred",
    2: "Service temporarily unavailable",
    4: "Application request limit reached",
    100: "Invalid parameter",
    190: "Invalid OAuth access token - Cannot parse access token",
    80007: "Rate limit issues",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131051: "Unsupported message type",
    131052: "Media download error",
    131053: "Media upload error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    132000: "Number of parameters does not match the expected number of params",
    132001: "Template name does not exist in the translation",
    132005: "Translated text too long",
    132012: "Parameter format does not match format in the created template",
    132015: "Template is paused",
    132016: "Template is disabled",
    132018: "There's an issue with the parameters in your template",
}
STATUSES = {1: 500, 2: 503, 131000: 500, 131016: 500, 190: 401, 130429: 429, 132001: 404}


class GraphError(Exception):
    """An error answer of the Graph API."""

    def __init__(self, code: int, details: str = "", **more: Any) -> None:
        """`more`: status (of HTTP), message, error_subcode, error_user_title, error_user_msg, is_transient."""
        super().__init__(details)
        self.code = code
        self.details = details
        self.status = int(more.pop("status", 0) or STATUSES.get(code, 400))
        self.message = str(more.pop("message", "") or f"(#{code}) {MESSAGES.get(code, 'Error')}")
        self.more = more

    @property
    def body(self) -> dict[str, Any]:
        data = {"error_data": {"messaging_product": "whatsapp", "details": self.details}} if self.details else {}
        about = {"message": self.message, "type": "OAuthException", "code": self.code}
        return {"error": {**about, **data, **self.more, "fbtrace_id": secrets.token_urlsafe(17)}}


def invalid(details: str, **more: Any) -> GraphError:
    return GraphError(131009, details, **more)


def missing(name: str) -> GraphError:
    return GraphError(131008, f"The parameter {name} is required.")


def no_such(key: str) -> GraphError:
    message = (
        f"Unsupported request. Object with ID '{key}' does not exist, cannot be loaded due to missing permissions,"
        " or does not support this operation"
    )
    return GraphError(100, message=message, error_subcode=33)


def failure(code: int) -> dict[str, Any]:
    """The same in a FAILED status."""
    words = MESSAGES.get(code, "Error")
    href = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"
    return {"code": code, "title": words, "message": words, "error_data": {"details": words}, "href": href}
