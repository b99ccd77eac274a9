// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What a TCP server does with a connection.
public struct TCPService: Sendable {
    let serve: @Sendable (borrowing TCPSocket) -> Void

    /// A service of one's own: returns, and the connection is closed. An error ends it too.
    public init(_ serve: @escaping @Sendable (borrowing TCPSocket) throws -> Void) {
        self.serve = { connection in try? serve(connection) }
    }

    /// Sends back what arrives.
    public static let echo = echo(after: .zero)

    /// Sends back what arrives, each time after a while.
    public static func echo(after delay: Duration) -> TCPService {
        TCPService { connection in
            try connection.sendAtOnce()
            while true {
                let bytes = try connection.receive()
                if bytes.isEmpty { return }
                pause(delay)
                try connection.send(bytes)
            }
        }
    }

    /// Reads everything and says nothing.
    public static let discard = TCPService { connection in while try !connection.receive().isEmpty {} }

    /// Never reads, so that the client's data stays unread and at last its window is closed.
    public static let stall = TCPService { connection in connection.waitForEnd() }

    /// Reads so many bytes after each pause.
    public static func slowReader(_ count: Int, every pause: Duration) -> TCPService {
        TCPService { connection in
            repeat { SkoopLab.pause(pause) } while try !connection.receive(upTo: count).isEmpty
        }
    }

    /// Answers every HTTP/1.1 request without a body with 200 and a body of zeros, after a while.
    public static func http(body length: Int = 100, after delay: Duration = .zero) -> TCPService {
        TCPService { connection in
            try connection.sendAtOnce()
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(length)\r\n\r\n"
            let answer = Array(head.utf8) + [UInt8](repeating: UInt8(ascii: "0"), count: length)
            var request: [UInt8] = []
            let end = Array("\r\n\r\n".utf8)
            while true {
                let bytes = try connection.receive()
                if bytes.isEmpty { return }
                request += bytes
                while let range = request.firstRange(of: end) {
                    request.removeSubrange(..<range.upperBound)
                    pause(delay)
                    try connection.send(answer)
                }
            }
        }
    }

    /// Waits for so many bytes, reads them and resets the connection (`SO_LINGER` 0).
    public static func reset(after count: Int) -> TCPService {
        TCPService { connection in
            _ = try connection.receive(exactly: count)
            try connection.resetOnClose()
        }
    }

    /// Waits until so many bytes have arrived and closes without reading them, which resets the connection.
    public static func closeUnread(after count: Int) -> TCPService {
        TCPService { connection in
            while try connection.unread() < count {
                guard try connection.socket.wait(for: Int32(POLLIN), nil) & Int32(POLLHUP) == 0 else { return }
                pause(.milliseconds(1))
            }
        }
    }
}

/// Lets the calling thread sleep.
func pause(_ duration: Duration) {
    guard duration > .zero else { return }
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var left = time
    while nanosleep(&time, &left) != 0 && errno == EINTR { time = left }
}
