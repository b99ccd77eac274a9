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

    static let usage = """
        usage: skoop-agent [--config FILE] [--check] [--debug]

        Serves the kernel's network counters and events of this node and of every network namespace on it over HTTP.

          -c, --config FILE  configuration in YAML; without it the embedded defaults are used, on port 9102
              --check        only says whether the configuration can be used
          -d, --debug        logs the source of every probe
              --version      prints the version
          -h, --help         prints this text

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
            case "--check": isCheck = true
            case "-d", "--debug": isDebug = true
            case "--version":
                print("skoop-agent \(AgentVersion.current)")
                exit(0)
            case "-h", "--help":
                print(Self.usage)
                exit(0)
            default:
                fail("unknown argument '\(argument)', allowed are --config, --check, --debug, --version, --help", 2)
            }
        }
    }
}

func log(_ message: String) { StandardStream.error.writeLine("skoop-agent: \(message)") }

func fail(_ message: String, _ status: Int32) -> Never {
    for line in message.split(separator: "\n") { log("error: \(line)") }
    exit(status)
}

/// The configuration with the node's name, and the pods that its mapping file names.
func configure(_ options: Options) -> (configuration: Configuration, mappings: StaticMappingProvider) {
    do {
        var configuration = try options.config.map { try Configuration(file: $0) } ?? Configuration()
        configuration.node = configuration.nodeName
        configuration.debugMode = configuration.debugMode || options.isDebug
        return (configuration, try StaticMappingProvider(try configuration.mappings()))
    } catch {
        fail("\(error)", 2)
    }
}

/// Who is on the host: found by the best reader of the kernel, named by the mapping file, container or mount.
func census(_ configuration: Configuration, _ mappings: StaticMappingProvider, _ readers: SharedReaders) -> CensusSource
{
    let resolver = EntityResolver(
        node: configuration.node, providers: [mappings] + EntityResolver.builtInProviders,
        additionalLabels: configuration.metrics.additionalLabels)
    return .host(resolver) { HostInventoryReader(readers: readers) }
}

/// Serves live events; where the default address cannot be used the agent does without.
func serveEvents(_ agent: Agent) throws(ListenError) -> HTTPServer? {
    guard agent.events != nil || agent.findings != nil, let address = agent.configuration.admin else { return nil }
    do {
        return try HTTPServer(agent, address: address, endpoint: .admin)
    } catch  where address == .defaultAdmin {
        log("warning: no live events: \(error)")
        return nil
    }
}

/// Says of every probe that cannot run why, and of those that run from a lesser source; in debug mode of all.
func report(_ agent: Agent) {
    agent.collector.waitUntilPrepared(for: .seconds(10))
    for probe in agent.collector.probes {
        if let error = probe.error {
            log("probe \(probe.name) does not run: \(error.reason.rawValue): \(error.message)")
        } else if let choice = probe.source, !choice.reason.isEmpty || agent.configuration.debugMode {
            let hooks = choice.hooks.isEmpty ? "" : " at \(choice.hooks.joined(separator: ", "))"
            let reason = choice.reason.isEmpty ? "" : ": \(choice.reason)"
            log("probe \(probe.name) reads \(choice.source.rawValue)\(hooks)\(reason)")
        }
    }
}

let options = Options(Array(CommandLine.arguments.dropFirst()))
let (configuration, mappings) = configure(options)
if let warning = configuration.warning { log("warning: \(warning)") }
if options.isCheck {
    print(
        "the configuration can be used: \(configuration.metrics.probes.count) probes, address \(configuration.address)")
    exit(0)
}
if getuid() != 0 {
    log("warning: not root: namespaces and processes of other users may be missing; /status says what else and why")
}

let agent: Agent
let server: HTTPServer
let admin: HTTPServer?
do {
    let readers = SharedReaders()
    agent = try Agent(
        configuration, file: options.config ?? "", environment: ProbeEnvironment(readers: readers),
        census: census(configuration, mappings, readers), log: log)
    server = try HTTPServer(agent, address: configuration.address)
    admin = try serveEvents(agent)
} catch let error as ListenError {
    fail("\(configuration.error(error))", 2)
} catch {
    fail("\(error)", 1)
}
log("serving node \(configuration.node) on \(server.address), configured by \(options.config ?? "embedded defaults")")
if let admin { log("serving events and evidence on \(admin.address)") }
report(agent)

while signals.wait() == .hangup {
    log("SIGHUP: sinks open their files anew; start the agent again to have its configuration read again")
    agent.events?.reopenSinks()
}
log("stopping")
server.stop()
agent.stop()
admin?.stop()
