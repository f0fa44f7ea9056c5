"""Sends all kinds of messages to `tidewire echo` on the host that the argument names."""

import asyncio
import os
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedOK


async def main(host: str) -> None:
    url = f"ws://{host}/"
    async with asyncio.timeout(20), connect(url, max_size=None) as socket:
        mebibyte = os.urandom(1 << 20)
        for message in ("", "häh 🌊", b"", b"\x00\xff", mebibyte, mebibyte.hex()):
            await socket.send(message)
            echoed = await socket.recv()
            assert type(echoed) is type(message) and echoed == message, message[:20]

        await socket.send(["frag", "ment", "ed"])
        assert await socket.recv() == "fragmented"
        await socket.send(iter([b"\x00", b"", b"\xff"]))
        assert await socket.recv() == b"\x00\xff"

        await (await socket.ping(b"are you there?"))

    async with asyncio.timeout(20), connect(url) as socket:
        await socket.close(4321, "enough")
        try:
            await socket.recv()
        except ConnectionClosedOK:
            raise AssertionError("4321 is no normal closure") from None
        except Exception as closed:
            assert closed.rcvd and closed.rcvd.code == 4321, closed


asyncio.run(main(sys.argv[1]))
