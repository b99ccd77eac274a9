// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import NIOCore
    package import SkoopSystem

    /// The body of an answer that comes bit by bit; whoever has one closes it.
    package final class HTTPStream: Sendable {
        private struct State {
            var bytes: [UInt8] = []
            var isPaused = false
            var isOver = false
            var error: HTTPError?
        }

        /// How much may wait here until nothing more is read from the connection.
        private static let room = 1 << 20
        private let channel: any Channel
        private let state = Monitor(State())

        init(_ channel: any Channel) { self.channel = channel }

        deinit { channel.close(promise: nil) }

        /// What has come since the last time, waiting for something if nothing has.
        ///
        /// - Parameter deadline: how long.
        /// - Returns: nothing at the end.
        /// - Throws: when the connection has failed, or nothing has come in time; what came before is given first.
        package func next(until deadline: MonotonicTime) throws(HTTPError) -> [UInt8] {
            let channel = channel
            let part = state.wait(until: deadline) { state -> Result<[UInt8], HTTPError>? in
                if state.isPaused {
                    state.isPaused = false
                    _ = channel.setOption(.autoRead, value: true)
                }
                defer { state.bytes = [] }
                if !state.bytes.isEmpty { return .success(state.bytes) }
                return state.isOver ? state.error.map { .failure($0) } ?? .success([]) : nil
            }
            guard let part else { throw HTTPError(.timeout, "nothing came for too long") }
            return try part.get()
        }

        /// Ends the connection, which is no failure to who reads.
        package func close() {
            finish(nil)
            channel.close(promise: nil)
        }

        func take(_ buffer: ByteBuffer) {
            let isFull = state.update { state in
                state.bytes += buffer.readableBytesView
                guard state.bytes.count > Self.room, !state.isPaused else { return false }
                state.isPaused = true
                return true
            }
            if isFull { _ = channel.setOption(.autoRead, value: false) }
        }

        func finish(_ error: (any Error)?) {
            state.update { state in
                guard !state.isOver else { return }
                state.isOver = true
                state.error = error.map { .transport($0) }
            }
        }
    }
#endif
