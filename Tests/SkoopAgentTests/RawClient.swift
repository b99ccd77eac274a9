// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopAgent
import SkoopTesting

/// A blocking HTTP client of plain sockets, which shares no code with the server.
final class RawClient {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    struct Response {
        var status: Int
        /// Fields with names in lower case.
        var headers: [String: String]
        var body: Data

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    let descriptor: Int32
    private var received = Data()

    /// Connects; `receiveBuffer` makes the kernel hold back a sender early.
    init(_ address: ListenAddress, receiveBuffer: Int32? = nil) throws {
        switch address {
        case .unix(let path):
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var target = sockaddr_un()
            target.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: path.utf8) }
            try Self.connect(descriptor, &target)
        case .tcp(let host, let port) where host.contains(":"):
            descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
            var target = sockaddr_in6()
            target.sin6_family = sa_family_t(AF_INET6)
            target.sin6_port = port.bigEndian
            inet_pton(AF_INET6, host, &target.sin6_addr)
            try Self.connect(descriptor, &target)
        case .tcp(let host, let port):
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            if var size = receiveBuffer {
                setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
            }
            var target = sockaddr_in()
            target.sin_family = sa_family_t(AF_INET)
            target.sin_port = port.bigEndian
            inet_pton(AF_INET, host.isEmpty ? "127.0.0.1" : host, &target.sin_addr)
            try Self.connect(descriptor, &target)
        }
        // A test fails rather than hangs.
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    private static func connect<Address>(_ descriptor: Int32, _ address: inout Address) throws {
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "connect: \(String(cString: strerror(errno)))") }
    }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else { throw Failure(description: "write") }
    }

    /// One request and its response; the connection stays open unless either side closes it.
    func request(_ method: String, _ target: String, _ headers: [String] = []) throws -> Response {
        try send(
            ([method + " " + target + " HTTP/1.1", "Host: test"] + headers).joined(separator: "\r\n") + "\r\n\r\n")
        return try response(hasBody: method != "HEAD")
    }

    func get(_ target: String, _ headers: [String] = []) throws -> Response {
        try request("GET", target, headers)
    }

    /// Reads one response.
    func response(hasBody: Bool = true) throws -> Response {
        let end = Data("\r\n\r\n".utf8)
        while received.range(of: end) == nil { try receive() }
        guard let range = received.range(of: end) else { throw Failure(description: "no end of head") }
        let lines = String(decoding: received[..<range.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        received = Data(received[range.upperBound...])
        var response = Response(status: Int(lines[0].split(separator: " ")[1]) ?? 0, headers: [:], body: Data())
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            response.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        guard hasBody else { return response }
        if let length = response.headers["content-length"].flatMap({ Int($0) }) {
            response.body = try take(length)
        } else if response.headers["transfer-encoding"] == "chunked" {
            while true {
                let size = Int(try line(), radix: 16) ?? 0
                response.body += try take(size)
                _ = try line()
                if size == 0 { break }
            }
        } else {
            while (try? receive()) != nil {}
            response.body = received
            received = Data()
        }
        return response
    }

    /// Some text more of a body without length: what is there, or comes first.
    func more() throws -> String {
        if received.isEmpty { try receive() }
        defer { received = Data() }
        return String(decoding: received, as: UTF8.self)
    }

    /// Whether the server has closed the connection.
    func isClosed() -> Bool {
        do {
            try receive()
            return false
        } catch {
            return true
        }
    }

    private func line() throws -> String {
        let end = Data("\r\n".utf8)
        while received.range(of: end) == nil { try receive() }
        guard let range = received.range(of: end) else { return "" }
        defer { received = Data(received[range.upperBound...]) }
        return String(decoding: received[..<range.lowerBound], as: UTF8.self)
    }

    private func take(_ count: Int) throws -> Data {
        while received.count < count { try receive() }
        defer { received = Data(received.dropFirst(count)) }
        return Data(received.prefix(count))
    }

    private func receive() throws {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else {
            throw Failure(description: count == 0 ? "closed" : "read: \(String(cString: strerror(errno)))")
        }
        received += buffer[..<count]
    }
}

/// What a program makes of bytes on its standard input: the witness for what was compressed.
func piped(_ data: Data, through command: [String]) throws -> Data {
    let directory = FileManager.default.temporaryDirectory
    let file = directory.appending(path: "skoop-\(UUID().uuidString)")
    try data.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return Data(try run(command + [file.path()]).utf8)
}
