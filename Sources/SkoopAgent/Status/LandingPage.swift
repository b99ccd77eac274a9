// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopProbes

/// The page at `/`: what there is to open, and how the probes do.
struct LandingPage {
    var status: AgentStatus
    /// What else is served: `metrics` or `admin`.
    var endpoint = "metrics"

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>skoop-agent on \(escaped(status.node))</title>
        <style>
        :root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #cf222e; --dim: #888; }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2.5rem auto; padding: 0 1.2rem; }
        h1 { font-size: 1.5rem; margin: 0; }
        h1 + p { color: var(--dim); margin-top: .2rem; }
        nav a { display: inline-block; border: 1px solid var(--line); border-radius: .5rem; padding: .4rem .8rem;
          margin: 0 .4rem .4rem 0; text-decoration: none; }
        table { border-collapse: collapse; width: 100%; margin-top: 1.5rem; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
        th { font-weight: 600; } td.n, th.n { text-align: right; } td.why { color: var(--dim); }
        .good { color: var(--good); } .bad { color: var(--bad); } .dim { color: var(--dim); }
        </style>
        </head>
        <body>
        <h1>skoop-agent</h1>
        <p>\(escaped(summary))</p>
        <nav>
        \(links.map { "<a href=\"\($0)\">\($0)</a>" }.joined(separator: "\n"))
        <a href="/findings">/findings</a>
        <a href="/status">/status</a>
        <a href="/healthz">/healthz</a>
        </nav>
        <table>
        <tr><th>Probe</th><th>State</th><th>Source</th><th class="n">Series</th><th class="n">Duration</th>\
        <th>Why</th></tr>
        \(status.probes.map(row).joined(separator: "\n"))
        </table>
        </body>
        </html>

        """
    }

    private var links: [String] {
        endpoint == "metrics"
            ? ["/metrics", "/metrics?format=json"] : ["/metrics", "/events?format=text&since=60m", "/events?since=5m"]
    }

    private var summary: String {
        let collector = status.collector
        guard collector.collections > 0 else { return "node \(status.node), nothing collected yet" }
        let milliseconds = collector.duration.milliseconds
        return
            "node \(status.node): \(collector.series) series of \(counted(collector.namespaces, "network namespace")) "
            + "in \(milliseconds) ms"
    }

    private func row(_ probe: ProbeStatus) -> String {
        let (state, colour) = shown(probe)
        let why = probe.error?.message ?? probe.source?.reason ?? ""
        let duration = probe.duration.map { "\($0.milliseconds) ms" } ?? "–"
        return """
            <tr><td>\(escaped(probe.name))</td><td class="\(colour)">\(state)</td>\
            <td>\(probe.source?.source.rawValue ?? "–")</td><td class="n">\(probe.series)</td>\
            <td class="n">\(duration)</td><td class="why">\(escaped(why))</td></tr>
            """
    }

    /// The state in words, and the class that colours them.
    private func shown(_ probe: ProbeStatus) -> (state: String, colour: String) {
        switch probe.error?.reason {
        // Nothing is wrong where the kernel has nothing to count.
        case .missingSubsystem: ("not on this kernel", "dim")
        case nil: (probe.state.rawValue, probe.state == .running ? "good" : "dim")
        default: (probe.state == .running ? "No data" : probe.state.rawValue, "bad")
        }
    }

    private func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
    }
}

extension Duration {
    /// Milliseconds with two decimals.
    fileprivate var milliseconds: String {
        let hundredths = wholeNanoseconds / 10_000
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
