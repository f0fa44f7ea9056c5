"""Follows /v1/sse of the server that the argument names, leaves and comes back by the last id."""

import sys

import httpx
from httpx_sse import connect_sse


def main(origin: str) -> None:
    with httpx.Client(base_url=origin, timeout=10) as client:

        def publish(data: str, **query: str) -> str:
            answer = client.post("/v1/publish", params={"topic": "demo", **query}, content=data)
            assert answer.status_code == 201, answer
            return answer.json()["cursor"]

        def follow(count: int, last_id: str) -> list:
            headers = {"Last-Event-ID": last_id}
            query = {"topic": "demo", "after": "oldest"}
            with connect_sse(client, "GET", "/v1/sse", params=query, headers=headers) as source:
                events = source.iter_sse()
                return [next(events) for _ in range(count)]

        ids = [publish("one"), publish("two\nlines", event="verse"), publish("three")]
        first, second = follow(2, "")
        assert (first.id, first.event, first.data) == (ids[0], "message", "one"), first
        assert (second.id, second.event, second.data) == (ids[1], "verse", "two\nlines"), second
        (third,) = follow(1, second.id)
        assert (third.id, third.data) == (ids[2], "three"), third


main(sys.argv[1])
