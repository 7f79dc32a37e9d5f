"""What the APIs of the platforms have in common: a client that is opened when it is needed."""

from __future__ import annotations

import httpx

from bot.tls import trusted


class WebApi:
    """One token's calls to one address. Use it in one event loop, and close it there."""

    def __init__(self, token: str, base: str, client: httpx.AsyncClient | None = None) -> None:
        """A `client` that is given stays open."""
        self._token = token
        self._base = base
        self._given = client
        self._client = client

    async def close(self) -> None:
        """Let go of connections."""
        if self._client is not None and self._given is None:
            client, self._client = self._client, None
            await client.aclose()

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=None, verify=trusted())  # noqa: S113 - each call limits itself
        return self._client
