"""An echo server over Debian's python3-websockets.

websockets-server.py PORT KEEPALIVE_SECONDS WINDOW_BITS
"""

import asyncio
import sys

from websockets import serve
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

PORT = int(sys.argv[1])
KEEPALIVE = float(sys.argv[2])
WINDOW_BITS = int(sys.argv[3])

left = asyncio.Queue()


async def serve_client(client):
    async for message in client:
        if message == "extensions":
            await client.send(repr(client.extensions))
        elif message == "watch me leave":
            await client.send("watching")
            await client.wait_closed()
            await left.put(client.close_code)
        elif message == "tell how they left":
            await client.send(str(await left.get()))
        elif isinstance(message, str) and message.startswith("ping me "):
            count = int(message.split()[2])
            for _ in range(count):
                await (await client.ping())
            await client.send(f"{count} pongs")
        else:
            await client.send(message)


async def main():
    deflate = ServerPerMessageDeflateFactory(
        server_max_window_bits=WINDOW_BITS, client_max_window_bits=WINDOW_BITS
    )
    options = {"ping_interval": KEEPALIVE, "ping_timeout": KEEPALIVE, "extensions": [deflate]}
    async with serve(serve_client, "127.0.0.1", PORT, **options):
        await asyncio.Future()


asyncio.run(main())
