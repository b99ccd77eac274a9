// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import NIOCore
    import NIOHTTP1
    import SkoopEvents

    /// Sends events over one connection as they come. Lives on the connection's event loop.
    ///
    /// The next events are read when the kernel has taken the last: a slow client reads late, and is told what it missed.
    final class EventFeed {
        private let channel: any Channel
        private let follows: Bool
        private let heartbeat: Duration
        private let end: () -> Void
        private var cursor: EventCursor
        private var renderer: EventRenderer
        private var timer: Scheduled<Void>?
        /// Whether the kernel has not taken the last bytes yet.
        private var isWriting = false
        /// Whether the stream will call when there is something new.
        private var isWatching = false
        private var watcher: UInt64?
        private var isCancelled = false

        /// Prepares a feed; the head of the response is the caller's.
        ///
        /// - Parameter end: called after the last event.
        init(
            _ request: EventRequest, _ stream: EventStream, _ channel: any Channel, heartbeat: Duration,
            end: @escaping () -> Void
        ) {
            self.channel = channel
            self.heartbeat = heartbeat
            self.end = end
            follows = request.follows
            cursor = request.cursor(stream)
            renderer = EventRenderer(request, stream)
        }

        /// Sends what there is, and waits for more.
        func send() {
            guard !isCancelled, !isWriting, channel.isActive else { return }
            timer?.cancel()
            guard let items = cursor.read() else { return follows && !cursor.stream.isClosed ? wait() : end() }
            var buffer = channel.allocator.buffer(capacity: items.count * 512)
            for item in items { buffer.writeBytes(renderer.render(item)) }
            write(buffer)
        }

        /// Sends nothing more.
        func cancel() {
            isCancelled = true
            timer?.cancel()
            if let watcher { cursor.stream.forget(watcher) }
        }

        private func write(_ buffer: ByteBuffer) {
            let (this, loop) = (NIOLoopBound(self, eventLoop: channel.eventLoop), channel.eventLoop)
            isWriting = true
            let part = HTTPServerResponsePart.body(.byteBuffer(buffer))
            // Through the loop's queue, so that other connections have their turn.
            let written = buffer.readableBytes > 0 ? channel.writeAndFlush(part) : loop.makeSucceededVoidFuture()
            written.whenSuccess {
                loop.execute {
                    this.value.isWriting = false
                    this.value.send()
                }
            }
        }

        private func wait() {
            let (this, loop) = (NIOLoopBound(self, eventLoop: channel.eventLoop), channel.eventLoop)
            timer = loop.scheduleTask(in: TimeAmount(heartbeat)) {
                let feed = this.value
                if !feed.isWriting { feed.write(feed.channel.allocator.buffer(string: feed.renderer.heartbeat)) }
            }
            guard !isWatching else { return }
            isWatching = true
            watcher = cursor.stream.notify(at: cursor.next) {
                loop.execute {
                    this.value.isWatching = false
                    this.value.send()
                }
            }
        }
    }
#endif
