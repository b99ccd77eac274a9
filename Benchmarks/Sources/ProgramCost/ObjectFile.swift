// SPDX-License-Identifier: Apache-2.0
import Glibc
public import SkoopBPF

/// Any eBPF object file, loaded and attached as the sections of its programs say.
public struct ObjectFile: ~Copyable {
    private let object: LoadedBPFObject
    private let links: [Attachment]
    /// Programs that are loaded and not attached, and why.
    public let unattached: [String: String]

    private final class Attachment {
        let link: BPFLink

        init(_ link: consuming BPFLink) { self.link = link }
    }

    /// Loads a file and attaches its programs.
    ///
    /// - Parameters:
    ///   - path: the object file.
    ///   - programs: those to be loaded; all where this is empty.
    ///   - rootControlGroup: where programs for control groups are attached.
    public init(_ path: String, programs: [String] = [], rootControlGroup: String) throws(BPFError) {
        var object = try BPFObject(BPFImage(name: path, bytes: try Self.read(path)))
        let unknown = programs.filter { !object.programNames.contains($0) }
        if let name = unknown.first { try object.check(BPFProgramName(name)) }
        let wanted = object.programNames.filter { programs.isEmpty || programs.contains($0) }
        for name in object.programNames where !wanted.contains(name) { try object.disable(BPFProgramName(name)) }
        let loaded = try object.load()
        var links: [Attachment] = []
        var unattached: [String: String] = [:]
        for name in wanted {
            do throws(BPFError) {
                links.append(Attachment(try loaded.attach(BPFProgramName(name), controlGroup: rootControlGroup)))
            } catch { unattached[name] = error.description }
        }
        self.object = loaded
        self.links = links
        self.unattached = unattached
    }

    private static func read(_ path: String) throws(BPFError) -> [UInt8] {
        guard let file = fopen(path, "re") else {
            throw BPFError(.image, errno: errno, subject: path, "cannot be read")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&block, 1, block.count, file)
            if count == 0 { return bytes }
            bytes += block[..<count]
        }
    }
}
