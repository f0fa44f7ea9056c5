"""Follows, publishes and changes topics over /v1/ws of the server that the argument names."""

import asyncio
import json
import sys

from websockets.asyncio.client import connect


async def main(host: str) -> None:
    async with asyncio.timeout(20), connect(f"ws://{host}/v1/ws?topic=a") as socket:

        async def ask(message: dict) -> dict:
            await socket.send(json.dumps(message))
            return json.loads(await socket.recv())

        subscribed = await ask({"subscribe": {"topics": ["b"]}})
        assert subscribed["subscribed"]["topics"] == ["b"], subscribed

        async with connect(f"ws://{host}/v1/ws?topic=none") as other:
            for data in ("one", "two"):
                await other.send(json.dumps({"publish": {"topic": "b", "data": data}}))
                published = json.loads(await other.recv())
                event = json.loads(await socket.recv())
                assert event["cursor"] == published["published"]["cursor"], (event, published)
                assert (event["topic"], event["data"]) == ("b", data), event

        back = await ask({"subscribe": {"topics": ["b"], "after": "last:1"}})
        assert "subscribed" in back, back
        assert json.loads(await socket.recv())["data"] == "two"


asyncio.run(main(sys.argv[1]))
