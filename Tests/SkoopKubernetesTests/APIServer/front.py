# SPDX-License-Identifier: Apache-2.0
"""What stands before the API server of a test and passes on bytes: connections break here, whatever server it is."""
import asyncio
import socket
import struct
import threading


class Front:
    def __init__(self, port, behind):
        self.port, self.behind = port, behind
        self.streams = set()
        self.accepted = 0
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.order(self.accept())

    def order(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    async def accept(self):
        """Listens, and passes on whatever was held back."""
        if not hasattr(self, "flow"):
            self.flow = asyncio.Event()
            self.listener = None
        self.flow.set()
        if self.listener is None:
            self.listener = await asyncio.start_server(self.connected, "127.0.0.1", self.port)

    async def drop(self):
        """Ends all connections at once, with resets."""
        for writer in list(self.streams):
            connection = writer.get_extra_info("socket")
            if connection is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def hang(self):
        """Passes on nothing any more and says nothing; new connections are taken, and nobody speaks there."""
        self.flow.clear()

    async def refuse(self):
        """Does not listen, and ends all connections."""
        if self.listener is not None:
            self.listener.close()
            self.listener = None
        await self.drop()

    async def connected(self, reader, writer):
        self.accepted += 1
        self.streams.add(writer)
        behind = None
        try:
            await self.flow.wait()
            there, behind = await asyncio.open_connection("127.0.0.1", self.behind)
            self.streams.add(behind)
            await asyncio.gather(self.copy(reader, behind), self.copy(there, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for stream in (writer, behind):
                if stream is not None:
                    self.streams.discard(stream)
                    stream.close()

    async def copy(self, reader, writer):
        while data := await reader.read(1 << 16):
            await self.flow.wait()
            writer.write(data)
            await writer.drain()
        writer.write_eof()
