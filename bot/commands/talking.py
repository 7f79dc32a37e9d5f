"""The same conversation in the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Annotated
from uuid import uuid4

import typer

from bot import demo
from bot.app import Program
from bot.channels.phone import PhoneChannel
from bot.commands.faults import Fault
from bot.commands.running import Town, demo_folder
from bot.delivery import Recipient
from bot.folders import find
from bot.logs import set_up_logs
from bot.settings import demo_settings
from handlers.receive import StepFailedError
from storage.migrations import runner
from storage.regions import load_region


def talk(
    as_: Annotated[str, typer.Option("--as", help="`citizen`, or a post's code.")] = "citizen",
    town: Town = None,
) -> None:
    """Talk to the demo's town in the terminal; a number presses a choice, an empty line ends."""
    set_up_logs("console")
    settings = demo_settings(demo_folder(town), town)
    runner.upgrade(settings.database_url, settings.keys())
    channel = PhoneChannel()
    region = load_region(find(settings.region_dir))
    if as_.lower() != "citizen" and as_.upper() not in region.posts:
        raise Fault(f"There is no post {as_}; try --as citizen or --as INSPEKTUR.")
    phone = demo.citizen_phone(1) if as_.lower() == "citizen" else demo.phone_of(region, as_.upper())
    own = Recipient(channel.name, phone.account, phone.id)
    program = Program(settings, channels=[channel], region=region, own=own)
    asyncio.run(_talk(program, channel, phone))


async def _talk(program: Program, channel: PhoneChannel, phone: demo.Phone) -> None:
    channel.on_arrival = lambda key: program.arrived(phone.account, key)
    async with program.running():
        await program.errand(demo.people_the_town)
        listening = asyncio.create_task(_print_pages(channel, phone.id))
        typer.echo(f"({phone.title or phone.name}; an empty line ends)")
        while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
            message = {"phone": phone.id, "id": str(uuid4()), "text": line}
            try:
                await program.receive(channel.parse(phone.account, message))
            except StepFailedError:
                typer.echo("That did not work; please send it again.", err=True)
        await program.until_idle()
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening


async def _print_pages(channel: PhoneChannel, phone: str) -> None:
    async for event in channel.listen([phone]):
        if event["kind"] != "message":
            continue
        typer.echo(f"\n{event['text']}")
        for n, choice in enumerate(event["choices"], start=1):
            typer.echo(f"  {n}. {choice['label']}")
        channel.ack(phone, event["id"])
