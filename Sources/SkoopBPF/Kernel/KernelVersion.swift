// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A kernel version such as 6.1.85, without what a distribution adds.
public struct KernelVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// 6 of 6.1.85.
    public var major: Int
    /// 1 of 6.1.85.
    public var minor: Int
    /// 85 of 6.1.85.
    public var patch: Int

    /// Makes a version.
    public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads a release as `uname -r` prints it (`6.1.0-18-amd64`); nil if it does not start with two numbers.
    public init?(release: String) {
        let numbers = release.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }.split(separator: ".").map { Int($0) }
        guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        self.init(major, minor, numbers.count > 2 ? numbers[2] ?? 0 : 0)
    }

    /// The release of the running kernel, as `uname -r` prints it.
    public static let runningRelease: String = {
        var name = utsname()
        unsafe uname(&name)
        return unsafe withUnsafeBytes(of: &name.release) {
            unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
    }()

    /// The version of the running kernel. 0.0.0 if its release is no version, so that nothing is taken for granted.
    public static let running = KernelVersion(release: runningRelease) ?? KernelVersion(0, 0)

    /// By major, then minor, then patch.
    public static func < (left: KernelVersion, right: KernelVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    /// `6.1` or `6.1.85`.
    public var description: String { patch == 0 ? "\(major).\(minor)" : "\(major).\(minor).\(patch)" }
}
