// SPDX-License-Identifier: Apache-2.0

/// A page in one of the text formats, read strictly after their grammars.
struct TextPage {
    struct Problem: Error {
        var line: String
        var what: String
    }

    struct Family {
        var name: String
        var type = ""
        var unit = ""
        var help = ""
    }

    var families: [Family] = []
    var samples: [ExpectedSeries] = []

    init(_ page: [UInt8], isOpenMetrics: Bool) throws {
        let lines = String(decoding: page, as: UTF8.self).unicodeScalars
            .split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        guard lines.last == "" else { throw Problem(line: lines.last ?? "", what: "no line feed at the end") }
        var body = lines.dropLast()
        if isOpenMetrics {
            guard body.popLast() == "# EOF" else { throw Problem(line: "", what: "no # EOF") }
        }
        var seen: Set<String> = []
        for line in body {
            guard line.hasPrefix("# ") else {
                let sample = try Self.sample(line)
                let family = families.last
                let wanted = (family?.name ?? "") + (isOpenMetrics && family?.type == "counter" ? "_total" : "")
                let isHistogram = family?.type == "histogram"
                let allowed = isHistogram ? ["_bucket", "_sum", "_count"].map { wanted + $0 } : [wanted]
                guard allowed.contains(sample.name) else { throw Problem(line: line, what: "not of family \(wanted)") }
                samples.append(sample)
                continue
            }
            let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
            guard words.count == 4 else { throw Problem(line: line, what: "metadata") }
            let name = String(words[2])
            if families.last?.name != name {
                guard seen.insert(name).inserted else { throw Problem(line: line, what: "family in two pieces") }
                families.append(Family(name: name))
            }
            let text = String(words[3])
            switch words[1] {
            case "HELP": families[families.count - 1].help = try Self.unescaped(text, quotes: isOpenMetrics)
            case "TYPE": families[families.count - 1].type = text
            case "UNIT" where isOpenMetrics: families[families.count - 1].unit = text
            default: throw Problem(line: line, what: "keyword")
            }
        }
    }

    private static func unescaped(_ text: String, quotes: Bool) throws -> String {
        var result = String.UnicodeScalarView()
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "\\" else {
                if quotes, scalar == "\"" { throw Problem(line: text, what: "bare quote") }
                result.append(scalar)
                continue
            }
            switch scalars.next() {
            case "\\": result.append("\\")
            case "n": result.append("\n")
            case "\"" where quotes: result.append("\"")
            default: throw Problem(line: text, what: "escape")
            }
        }
        return String(result)
    }

    private static func sample(_ line: String) throws -> ExpectedSeries {
        let scalars = Array(line.unicodeScalars)
        func string(_ range: Range<Int>) -> String {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[range])
            return String(view)
        }
        var position = 0
        func take(until stops: Set<Unicode.Scalar>) -> String {
            let start = position
            while position < scalars.count, !stops.contains(scalars[position]) {
                position += scalars[position] == "\\" ? 2 : 1
            }
            return string(start..<min(position, scalars.count))
        }
        func expect(_ scalar: Unicode.Scalar) throws {
            guard position < scalars.count, scalars[position] == scalar else {
                throw Problem(line: line, what: "no '\(scalar)' at \(position)")
            }
            position += 1
        }
        let name = take(until: ["{", " "])
        var labels: [String: String] = [:]
        if position < scalars.count, scalars[position] == "{" {
            repeat {
                position += 1
                let label = take(until: ["="])
                try expect("=")
                try expect("\"")
                let value = take(until: ["\""])
                try expect("\"")
                guard labels.updateValue(try unescaped(value, quotes: true), forKey: label) == nil else {
                    throw Problem(line: line, what: "label twice")
                }
            } while position < scalars.count && scalars[position] == ","
            try expect("}")
        }
        try expect(" ")
        return ExpectedSeries(name: name, labels: labels, value: string(position..<scalars.count))
    }
}
