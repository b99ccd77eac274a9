// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The directory entries on which it depends what a path leads to: every symbolic link on the way, and the end.
///
/// A file is another one when any of them changes, for example the link `..data` beside a file of a mounted ConfigMap.
public struct PathTrail: Sendable, Hashable {
    /// A name in a directory.
    public struct Step: Sendable, Hashable {
        /// The directory, which was there.
        public var directory: String
        /// The name in it, which need not be.
        public var name: String
    }

    /// The entries, in the order of the way. Where something is missing, it is the last.
    public private(set) var steps: [Step] = []

    /// How many links Linux follows.
    private static let mostLinks = 40

    /// Follows a path; a relative one begins at the working directory.
    public init(_ path: String) {
        var pending = Self.parts(path)
        var place = path.hasPrefix("/") ? "" : "."
        var links = 0
        while let part = pending.popLast() {
            let directory = place.isEmpty ? "/" : place
            let next = "\(place)/\(part)"
            if part == ".." {
                place = next
                continue
            }
            guard let target = Self.link(next) else {
                var status = stat()
                guard lstat(next, &status) == 0, !pending.isEmpty else {
                    steps.append(Step(directory: directory, name: part))
                    return
                }
                place = next
                continue
            }
            steps.append(Step(directory: directory, name: part))
            links += 1
            guard links <= Self.mostLinks else { return }
            if target.hasPrefix("/") { place = "" }
            pending += Self.parts(target)
        }
    }

    /// The components, the last first.
    private static func parts(_ path: String) -> [String] {
        path.split(separator: "/").map(String.init).filter { $0 != "." }.reversed()
    }

    /// Where a symbolic link leads; nil for what is none.
    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
}
