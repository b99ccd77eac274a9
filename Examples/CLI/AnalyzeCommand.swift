// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SkoopAgent
import SkoopAnalysis
import SkoopEvidence
import SkoopReport
import SkoopRules

/// `skoop analyze`: what happened to whom, and why.
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze", abstract: "Looks for the cause of trouble and shows the proof.",
        discussion: "Without a source it runs the probes here. Several sources are taken together.")

    @Option(name: .customLong("for"), help: "How long to watch, where that is needed.") var duration = "30s"
    @Option(help: "How far apart snapshots are.") var interval = "5s"
    @Option(parsing: .upToNextOption, help: "Saved pages of /metrics, in their order, or one URL.")
    var scrape: [String] = []
    @Option(help: "A log of events, lines of JSON.") var events: String?
    @Option(help: "What skoop record has written.") var recording: String?
    @Option(help: "A running agent: its admin address, or 'here' for this host's.") var agent: String?
    @Option(help: "A Prometheus server, for example http://localhost:9090.") var prometheus: String?
    @Option(help: "A Loki server with events.") var loki: String?
    @Option(help: "A file with a bearer token for servers.") var tokenFile: String?
    @Option(help: "A file with name:password for servers.") var userFile: String?
    @Option(parsing: .upToNextOption, help: "Access logs of proxies, as [NAMESPACE/POD=]FILE.")
    var accessLog: [String] = []
    @Option(help: "Their format: combined, ingress, json, or nginx's log_format.") var accessFormat: String?
    @Option(parsing: .upToNextOption, help: "Files resolv.conf of pods, as [NAMESPACE/POD=]FILE.")
    var resolvConf: [String] = []
    @Option(help: "Certificates (PEM) of the authorities to trust for https, instead of the system's.")
    var caFile: String?
    @Option(help: "A certificate (PEM) to show to servers.") var certFile: String?
    @Option(help: "The key (PEM) of that certificate.") var keyFile: String?
    @Option(help: "The end of the time to look at, for example 10:35, 2026-11-22T10:35Z or 20m (ago).")
    var at: String?
    @Option(help: "How long before that, for example 15m.") var window: String?
    @Option(name: .customLong("pod"), parsing: .upToNextOption, help: "Only these pods, as namespace/name or name.")
    var pods: [String] = []
    @Flag(help: "All pods, as without --pod.") var all = false
    @Option(parsing: .upToNextOption, help: "Files with rules of your own, beside those that come with skoop.")
    var rules: [String] = []
    @Flag(help: "Only the rules of these files.") var onlyRules = false
    @Flag(help: "Tell it as JSON (skoop.analysis/1).") var json = false
    @Flag(help: "Tell it as Markdown.") var markdown = false
    @Option(help: "Also a page for browsers, written to this file.") var html: String?

    func run() throws {
        let rules = try RuleFile.together(with: rules, only: onlyRules)
        var sources: [any EvidenceSource] = recording.map { [Recording($0)] } ?? []
        let remotes = try Remotes(
            tokenFile: tokenFile, userFile: userFile,
            tls: .init(caFile: caFile, certFile: certFile, keyFile: keyFile))
        sources += try remotes.scrape(scrape, for: duration, every: interval)
        if let agent { sources.append(try remotes.agent(agent, rules: rules)) }
        if let prometheus { sources.append(try remotes.prometheus(prometheus, pods: pods)) }
        if let loki { sources.append(try remotes.loki(loki)) }
        if let events { sources.append(EventFile(events)) }
        sources += try AccessLog.sources(accessLog, format: accessFormat) + ResolverFile.sources(resolvConf)
        if sources.isEmpty {
            noteMissingPrivilege()
            sources = [try LocalWatch(for: duration, every: interval)]
        }
        var investigation = try Investigation(sources, rules: rules, at: at, window: window, pods: pods, all: all)
        try investigation.run()
        let format: Investigation.Format = json ? .json : markdown ? .markdown : .terminal
        print(investigation.text(format, terminal: .forStandardOutput), terminator: "")
        if let html { try investigation.writeHTML(html) }
    }
}

/// `skoop record FILE`: what the analysis needs, to be looked at elsewhere.
struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Records what an analysis needs in a file that can be mailed.")

    @Argument(help: "A file that is not there yet.") var file: String
    @Option(name: .customLong("for"), help: "How long.") var duration = "60s"
    @Option(help: "How far apart snapshots are.") var interval = "5s"
    @Option(parsing: .upToNextOption, help: "Also what the rules of these files ask for.") var rules: [String] = []
    @Flag(help: "All metrics of the probes, not only those that rules ask for.") var all = false

    func run() throws {
        noteMissingPrivilege()
        let request = EvidenceRequest(Analyzer(rules: try RuleFile.together(with: rules)))
        let size = try LocalWatch(for: duration, every: interval).record(file, request, keepsAll: all)
        note("\(size) bytes in \(file)")
    }
}
