// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopAgent
import SkoopEvents
import SkoopIdentity
import SkoopProbes
import SkoopSystem

// First of all: threads inherit the signal mask, and the allocator's arenas come with threads.
let signals = StopSignals()
MemoryAllocator.preferSmall()
OpenFileLimit.raise()

/// What the command line asks for.
struct Options {
    var config: String?
    var isCheck = false
    var isDebug = false
    var isSidecar = false

    static let usage = """
        usage: skoop-agent [--config FILE] [--check [FILE]] [--debug] [--sidecar]

        Serves the kernel's network counters and events of this node and of every network namespace on it over HTTP.

          -c, --config FILE  configuration in YAML; without it the embedded defaults are used, on port 9102
              --check [FILE] only says whether the configuration can be used, with all that it names
          -d, --debug        debug mode, whatever the configuration says
              --sidecar      only the pod of which it is a container, without privileges, whatever the configuration says
              --version      prints the version
          -h, --help         prints this text

        A change of the configuration is applied while the agent runs; SIGHUP has it read again.
        Exit status: 0 after SIGTERM or SIGINT, 2 when the configuration or the command line cannot be used, 1 when the
        system does not let it start.
        """

    init(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            switch parts.first ?? "" {
            case "-c", "--config":
                guard let file = parts.count > 1 ? parts[1] : rest.popFirst() else {
                    fail("\(parts[0]) needs a file", 2)
                }
                config = file
            case "--check":
                isCheck = true
                if parts.count > 1 {
                    config = parts[1]
                } else if let file = rest.first, !file.hasPrefix("-") {
                    config = rest.popFirst()
                }
            case "-d", "--debug": isDebug = true
            case "--sidecar": isSidecar = true
            case "--version":
                print("skoop-agent \(AgentVersion.current)")
                exit(0)
            case "-h", "--help":
                print(Self.usage)
                exit(0)
            default:
                fail(
                    "unknown argument '\(argument)', allowed are --config, --check, --debug, --sidecar, --version, --help",
                    2)
            }
        }
    }
}

func log(_ message: String) { StandardStream.error.writeLine("skoop-agent: \(message)") }

func fail(_ message: String, _ status: Int32) -> Never {
    for line in message.split(separator: "\n") { log("error: \(line)") }
    exit(status)
}

/// The configuration with all that it names.
func load(_ options: Options) -> LoadedConfiguration {
    do {
        return try LoadedConfiguration(
            file: options.config, isDebug: options.isDebug, isSidecar: options.isSidecar,
            passesOverMissing: !options.isCheck)
    } catch {
        fail("\(error)", 2)
    }
}

/// Who is on the host: found by the best reader of the kernel, named by the mapping file, the runtime's pods, container
/// or mount; a reload changes names and labels.
func census(
    _ loaded: LoadedConfiguration, _ readers: SharedReaders, _ identity: [any IdentitySource]
) -> CensusSource {
    let labels = loaded.configuration.metrics.additionalLabels
    let settings = CensusSettings(mappings: loaded.mappings, additionalLabels: labels)
    let resolver = EntityResolver(
        node: loaded.configuration.node,
        providers: [settings.provider] + identity.map(\.provider) + EntityResolver.builtInProviders,
        additionalLabels: labels)
    guard !loaded.configuration.isSidecar else { return .host(resolver, settings: settings) { OwnInventoryReader() } }
    return .host(resolver, settings: settings) { HostInventoryReader(readers: readers) }
}

/// Serves live events; where the default address cannot be used the agent does without.
func serveEvents(_ agent: Agent) throws(ListenError) -> HTTPServer? {
    guard let address = agent.configuration.admin else { return nil }
    do {
        return try HTTPServer(agent, address: address, endpoint: .admin)
    } catch  where address == .defaultAdmin {
        log("warning: no live events: \(error)")
        return nil
    }
}

let options = Options(Array(CommandLine.arguments.dropFirst()))
let loaded = load(options)
let configuration = loaded.configuration
if let warning = configuration.warning { log("warning: \(warning)") }
for error in configuration.missing { log("warning: starting without it until it is there: \(error)") }
if options.isCheck {
    let count = configuration.metrics.probes.count
    print(
        "the configuration can be used: \(count) probe\(count == 1 ? "" : "s"), address \(configuration.address)")
    exit(0)
}
if getuid() != 0, !configuration.isSidecar {
    log("warning: not root: namespaces and processes of other users may be missing; /status says what else and why")
}

let agent: Agent
let server: HTTPServer
let admin: HTTPServer?
let reloader: ConfigurationReloader?
do {
    let readers = SharedReaders()
    let identity = configuration.identitySources
    agent = try Agent(
        configuration, file: options.config ?? "", environment: ProbeEnvironment(readers: readers),
        census: census(loaded, readers, identity), identity: identity, log: log)
    server = try HTTPServer(agent, address: configuration.address)
    admin = try serveEvents(agent)
} catch let error as ListenError {
    fail("\(configuration.error(error))", 2)
} catch {
    fail("\(error)", 1)
}
log("serving node \(configuration.node) on \(server.address), configured by \(options.config ?? "embedded defaults")")
if let admin { log("serving events and evidence on \(admin.address)") }
agent.collector.waitUntilPrepared(for: .seconds(10))
agent.report()
do {
    let isDebug = options.isDebug
    reloader = try options.config.map { (file) throws in
        try ConfigurationReloader(agent, file: file, isDebug: isDebug, isSidecar: configuration.isSidecar)
    }
} catch {
    log("warning: changes of the configuration are not noticed: \(error)")
    reloader = nil
}

while signals.wait() == .hangup {
    log("SIGHUP: sinks open their files anew" + (reloader == nil ? "" : ", the configuration is read again"))
    agent.events?.reopenSinks()
    reloader?.reload("SIGHUP")
}
log("stopping")
reloader?.stop()
server.stop()
agent.stop()
admin?.stop()
