"""What a process serves: routes over a running program, and the demo's whole town as one of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.routing import Route

from bot import demo as demo_town
from bot.alongside import alongside
from bot.app import Program
from bot.bots import Bots, bots_of
from bot.channels.phone import PhoneChannel
from bot.menus import Menus
from bot.numbers import Numbers, whatsapp_of
from bot.serving import serving
from bot.settings import Settings
from bot.web import health, limits
from bot.web.demo import DemoPages
from domain.region import Region

log = logging.getLogger(__name__)


def site(
    program: Program,
    routes: Sequence[Route] = (),
    *,
    works: bool = True,
    ready: Callable[[], Awaitable[None]] | None = None,
    beside: Callable[[asyncio.Event], AbstractAsyncContextManager[None]] | None = None,
) -> Starlette:
    """The routes and health; the program runs as long as the site does. `ready` is awaited before the first request.

    `beside` runs with the program; its event comes when the site listens.
    """
    listening = asyncio.Event()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        more = beside(listening) if beside else contextlib.nullcontext()
        async with program.running(deliver=works, beat=works), serving(program), more:
            if ready:
                await ready()
            yield

    handlers: dict[Any, Any] = {
        limits.TooLargeError: limits.on_too_large,
        limits.BadRequestError: limits.on_bad_request,
        ClientDisconnect: limits.on_gone,
    }
    web = Starlette(routes=[*routes, *health.routes(program)], lifespan=lifespan, exception_handlers=handlers)
    web.state.program = program
    web.state.listening = listening
    return web


def town_site(
    settings: Settings,
    *,
    works: bool = True,
    hooks: bool = True,
    say: Callable[[str], None] = log.info,
    ready: Callable[[], Awaitable[None]] | None = None,
    region: Region | None = None,
) -> tuple[Program, Starlette]:
    """Everything that `tanggap serve` is. `works`: it polls, delivers and beats; `hooks`: it takes what is brought."""
    bots, whatsapp = bots_of(settings), whatsapp_of(settings)
    channels = [*(bot.channel for bot in bots), *([whatsapp] if whatsapp else ())]
    program = Program(settings, channels=channels, region=region)
    telegram = Bots(program, bots, say=say)
    numbers = Numbers(program, whatsapp) if whatsapp and hooks else None

    menus = Menus(program, {bot.account: bot.api for bot in bots} if works else {})

    @contextlib.asynccontextmanager
    async def hearing(listening: asyncio.Event) -> AsyncIterator[None]:
        more = numbers.hearing() if numbers else contextlib.nullcontext()
        asked = telegram.hearing(polls=works, listening=listening if hooks else None)
        async with asked, more, alongside(menus.keep()):
            yield

    routes = [*telegram.routes(), *(numbers.routes() if numbers else ())] if hooks else ()
    return program, site(program, routes, works=works, ready=ready, beside=hearing)


def demo_site(settings: Settings, region: Region | None = None) -> tuple[Program, Starlette]:
    """Everything that `tanggap demo` is, over a migrated database: the peopled town, its phones and its page."""
    channel = PhoneChannel()
    program = Program(settings, channels=[channel], region=region)

    async def ready() -> None:
        await program.errand(demo_town.people_the_town)

    return program, site(program, DemoPages(program, channel).routes(), ready=ready)


class Server(uvicorn.Server):
    """A server of a site, which does not wait for streams that nobody would ever end."""

    def __init__(self, config: uvicorn.Config, web: Starlette) -> None:
        super().__init__(config)
        self._channels = web.state.program.channels
        self._listening: asyncio.Event = web.state.listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for channel in self._channels:
            if isinstance(channel, PhoneChannel):
                channel.close()
        await super().shutdown(sockets)


def server(web: Starlette, host: str, port: int) -> Server:
    """The server of a site, on one address."""
    config = uvicorn.Config(
        web, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=3
    )
    return Server(config, web)
