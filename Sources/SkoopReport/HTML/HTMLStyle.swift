// SPDX-License-Identifier: Apache-2.0

/// How the page looks, in wide and narrow windows, on light and dark screens.
enum HTMLStyle {
    static let text = """
        :root { color-scheme: light dark; --text: #1b1f24; --soft: #5b6672; --page: #f5f6f8; --sheet: #fff;
          --line: #d8dde3; --accent: #1f6feb; --alarm: #c62828; --band: #ffe3e0; --warn: #fff4d6; }
        @media (prefers-color-scheme: dark) { :root { --text: #e6e9ed; --soft: #9aa5b1; --page: #14171b; --sheet: #1d2126;
          --line: #353c45; --accent: #6ea8fe; --alarm: #ff8a80; --band: #4a2524; --warn: #3b331c; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 1180px; padding: 1.5rem 1rem; background: var(--page); color: var(--text);
          font: 16px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; overflow-wrap: anywhere; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
        h2 { font-size: 1.25rem; line-height: 1.3; margin: .1rem 0; }
        h3 { font-size: .8rem; margin: 1rem 0 .25rem; color: var(--soft); letter-spacing: .04em; text-transform: uppercase; }
        header p, .time { color: var(--soft); margin: 0 0 1rem; }
        section { background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; margin: 1.25rem 0;
          padding: 1.1rem 1.25rem; }
        .gaps { background: var(--warn); } .gaps h3 { margin-top: 0; }
        .case { display: flex; flex-wrap: wrap; gap: .5rem 1rem; justify-content: space-between; margin: 0;
          color: var(--soft); font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .9rem; }
        .confidence { color: var(--alarm); font-weight: 600; white-space: nowrap; }
        .sentence { font-size: 1.05rem; margin: 0 0 1rem; max-width: 60rem; }
        .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
        .chart { margin: 0; border: 1px solid var(--line); border-radius: 6px; padding: .6rem .7rem .3rem; min-width: 0; }
        figcaption { font-size: .85rem; line-height: 1.35; min-height: 2.7em; }
        small { display: block; color: var(--soft); font-size: .8rem; }
        svg { display: block; width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 12px; }
        svg text.tick { text-anchor: middle; } svg text.right { text-anchor: end; } svg text.value { fill: var(--text); }
        .axis, path.tick { stroke: var(--line); fill: none; }
        .incident { fill: var(--band); } .bar { fill: var(--accent); }
        .line { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
        .against .bar { fill: var(--soft); } .against .line { stroke: var(--soft); }
        .threshold { stroke: var(--alarm); stroke-dasharray: 5 4; fill: none; }
        .timeline .row { fill: var(--sheet); } .timeline .when { fill: var(--alarm); } .timeline text { fill: var(--text); }
        .timeline .inside { fill: var(--page); }
        table { border-collapse: collapse; width: 100%; margin: 1rem 0 0; font-size: .9rem; }
        th { text-align: left; color: var(--soft); font-weight: 600; font-size: .8rem; }
        th, td { border-bottom: 1px solid var(--line); padding: .35rem .75rem .35rem 0; vertical-align: top; }
        td:nth-child(n+2), th:nth-child(n+2) { white-space: nowrap; width: 1%; }
        .number { font-weight: 600; }
        .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 0 2rem; }
        ul { margin: 0; padding-left: 1.1rem; } li { margin: .15rem 0; }
        summary { cursor: pointer; font-weight: 600; } dl { margin: .75rem 0 0; }
        dt { margin-top: .6rem; font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .85rem; }
        dd { margin: 0 0 0 1.25rem; color: var(--soft); font-size: .9rem; } dd.hint { color: var(--text); }
        footer { color: var(--soft); font-size: .85rem; }
        @media (max-width: 40rem) { body { padding: 1rem .6rem; } section { padding: .9rem; } .timeline, thead th:nth-child(n+2) { display: none; }
          svg text { font-size: 19px; } tr { display: block; border-bottom: 1px solid var(--line);
          padding: .4rem 0; } td, td:nth-child(n+2) { display: inline; border: 0; padding: 0 .5rem 0 0; white-space: normal; }
          td:first-child { display: block; } figcaption { min-height: 0; } }
        @media print { body { background: none; } section { break-inside: avoid; } }

        """
}
