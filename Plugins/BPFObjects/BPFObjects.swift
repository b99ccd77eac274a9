// SPDX-License-Identifier: Apache-2.0
import Foundation
import PackagePlugin

/// Compiles every `*.bpf.c` of a target and embeds the objects in it: `retransmits.bpf.c` becomes `BPFImage.retransmits`.
///
/// The programs are those of the target's own `bpf` folder (to be excluded in the manifest), or where it has none, of the
/// `bpf` folder beside the manifest. `bpf/include` and the public headers of every C target that the target depends on
/// are on the include path. Nothing is read at run time, and nothing compiled is kept in the repository.
@main
struct BPFObjects: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let own = target.directoryURL.appending(path: "bpf")
        let folder = isDirectory(own) ? own : context.package.directoryURL.appending(path: "bpf")
        let programs = files(of: folder, ending: ".bpf.c")
        guard !programs.isEmpty else {
            Diagnostics.warning("no *.bpf.c in \(folder.path()) for target \(target.name)")
            return []
        }
        let clang = try toolchainTool("clang", context)
        let strip = try toolchainTool("llvm-objcopy", context)
        let embed = try context.tool(named: "skoop-build").url

        var includes = [folder.appending(path: "include")].filter(isDirectory)
        for dependency in target.recursiveTargetDependencies {
            guard let library = dependency as? ClangSourceModuleTarget else { continue }
            if let headers = library.publicHeadersDirectoryURL, isDirectory(headers) { includes.append(headers) }
        }
        // Build commands know no depfile, so a change of any header rebuilds every object.
        let headers = includes.flatMap { files(of: $0, ending: ".h", nested: true) }
        let work = context.pluginWorkDirectoryURL
        let options =
            Self.options + ["-ffile-prefix-map=\(context.package.directoryURL.path())=./"]
            + includes.flatMap { ["-I", $0.path()] } + Self.systemIncludes

        return programs.map { program in
            let name = String(program.lastPathComponent.dropLast(".bpf.c".count))
            let source = work.appending(path: "\(name).bpf.swift")
            // One command, because SwiftPM would make a resource bundle of an object file that a command declares.
            return .buildCommand(
                displayName: "Compiling \(program.lastPathComponent)",
                executable: embed,
                arguments: ["embed", name, program.path(), source.path(), strip.path(), clang.path()] + options,
                inputFiles: [program] + headers, outputFiles: [source])
        }
    }

    /// The instruction set is that of the oldest kernel: version 3, clang's default, has atomics that 5.10 refuses.
    private static let options = [
        "-g", "-O2", "-target", "bpf", "-mcpu=v2", "-Wall", "-Werror", "-D__TARGET_ARCH_\(architecture)",
    ]

    /// `<bpf/bpf_helpers.h>` of libbpf-dev, and for programs on UAPI headers, `<asm/types.h>`.
    private static let systemIncludes = [
        "-idirafter", "/usr/include", "-idirafter", "/usr/include/\(multiarch)-linux-gnu",
    ]

    #if arch(arm64)
        private static let architecture = "arm64"
        private static let multiarch = "aarch64"
    #else
        private static let architecture = "x86"
        private static let multiarch = "x86_64"
    #endif

    /// A tool beside the compiler itself: where `swift` is a link in `/usr/bin`, the clang beside it is another one.
    private func toolchainTool(_ name: String, _ context: PluginContext) throws -> URL {
        let compiler = try context.tool(named: "swiftc").url.resolvingSymlinksInPath()
        let tool = compiler.deletingLastPathComponent().appending(path: name)
        if FileManager.default.isExecutableFile(atPath: tool.path()) { return tool }
        return try context.tool(named: name).url
    }

    private func isDirectory(_ url: URL) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path(), isDirectory: &isDirectory) && isDirectory.boolValue
    }

    private func files(of folder: URL, ending suffix: String, nested: Bool = false) -> [URL] {
        let options: FileManager.DirectoryEnumerationOptions =
            nested ? .skipsHiddenFiles : [.skipsHiddenFiles, .skipsSubdirectoryDescendants]
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil, options: options)
        let urls = (found?.allObjects ?? []).compactMap { $0 as? URL }
        return urls.filter { $0.lastPathComponent.hasSuffix(suffix) }.sorted { $0.path() < $1.path() }
    }
}
