// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem

/// Finds a directory below `/proc` in which `net/…` shows a given namespace.
///
/// Nothing is kept open from one scrape to the next: an open file below `/proc/<pid>/net` holds its namespace alive after
/// the pod is gone, and costs of opening are some two in a hundred of what the kernel needs to write such a file.
struct NamespaceFiles {
    private let proc: String
    private let inventory: HostInventory
    private let problems: ProblemCounter

    init(_ host: ProbeEnvironment.HostPaths, _ scrape: Scrape) {
        proc = host.proc
        inventory = scrape.census.inventory
        problems = scrape.problems
    }

    /// Visits every namespace of the inventory; one that has gone meanwhile is left out and is no problem.
    ///
    /// - Parameter body: gets the namespace's position in the inventory and the directory that has its `net`.
    func forEach(_ body: (Int, borrowing FileDescriptor) -> Void) {
        let root: FileDescriptor
        do { root = try FileDescriptor(open: proc, flags: O_DIRECTORY) } catch {
            problems.record("namespace-unreadable", count: UInt64(inventory.namespaces.count))
            return
        }
        for position in inventory.namespaces.indices { visit(position, root, body) }
    }

    /// Visits the node's own namespace.
    ///
    /// - Parameter probe: who asks, for the error.
    func node(in probe: String, _ body: (borrowing FileDescriptor) -> Void) throws(ProbeError) {
        var found = false
        if let position = inventory.namespaces.firstIndex(where: { $0.id == inventory.nodeNamespace }),
            let root = try? FileDescriptor(open: proc, flags: O_DIRECTORY)
        {
            visit(position, root) {
                found = true
                body($1)
            }
        }
        guard found else {
            throw ProbeError(
                .unreadable, "\(probe): no process of the node's network namespace can be read below \(proc)")
        }
    }

    /// Reads a file of a namespace and parses it; counts what cannot be read or parsed under the file's name.
    ///
    /// - Parameters:
    ///   - file: relative to the directory that a visit gives. That it does not exist is no problem.
    ///   - parser: returns how many lines or values it could not parse.
    func parse(
        _ file: String, in directory: borrowing FileDescriptor, _ buffer: inout FileBuffer,
        _ parser: (Span<UInt8>) -> UInt64
    ) {
        do throws(SystemError) { try buffer.read(file, in: directory) } catch {
            if !error.isAbsence { record("unreadable", of: file) }
            return
        }
        let malformed = parser(buffer.bytes)
        if malformed > 0 { record("line", of: file, malformed) }
    }

    /// Reads an open file from its beginning and parses it likewise; false when it could not be read.
    func parse(
        _ file: String, of descriptor: borrowing FileDescriptor, _ buffer: inout FileBuffer,
        _ parser: (Span<UInt8>) -> UInt64
    ) -> Bool {
        do throws(SystemError) { try buffer.read(descriptor) } catch {
            record("unreadable", of: file)
            return false
        }
        let malformed = parser(buffer.bytes)
        if malformed > 0 { record("line", of: file, malformed) }
        return true
    }

    private func record(_ what: String, of file: String, _ count: UInt64 = 1) {
        problems.record("\(file.split(separator: "/").last ?? "")-\(what)", count: count)
    }

    private func visit(
        _ position: Int, _ root: borrowing FileDescriptor, _ body: (Int, borrowing FileDescriptor) -> Void
    ) {
        let namespace = inventory.namespaces[position]
        var denied = false
        func enter(_ pid: Int32) -> Bool {
            do throws(SystemError) {
                // The directory stands for this very process: a reused number does not lead into another namespace.
                let process = try FileDescriptor(open: "\(pid)", in: root, flags: O_DIRECTORY)
                guard try process.networkNamespace(link: "ns/net") == namespace.id.rawValue else { return false }
                body(position, process)
                return true
            } catch {
                denied = denied || error.isDenial
                return false
            }
        }
        if let pid = namespace.pid {
            if enter(pid) { return }
            for process in inventory.processes where process.namespace == namespace.id && process.pid != pid {
                if enter(process.pid) { return }
            }
        }
        for path in [namespace.mountPath].compactMap({ $0 }) + namespace.otherMountPaths {
            do throws(SystemError) {
                let handle = try NamespaceHandle(path: path)
                guard handle.inode == namespace.id.rawValue else { continue }
                // `net` of the own thread shows the namespace it has entered.
                let opened = try handle.withEntered {
                    guard let thread = try? FileDescriptor(open: "/proc/thread-self", flags: O_DIRECTORY) else {
                        return false
                    }
                    body(position, thread)
                    return true
                }
                if !opened { problems.record("namespace-unreadable") }
                return
            } catch {
                denied = denied || error.isDenial
            }
        }
        if denied { problems.record("namespace-denied") }
    }
}
