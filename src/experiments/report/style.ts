/** @file The report's style sheet: readable on screens in light and dark, and on paper. */

/** Inlined into the page; it names no address. */
export const reportStyle = `
:root{--paper:#fff;--ink:#1a1a1a;--soft:#595959;--line:#d8d8d8;--tint:#f5f6f8;--accent:#005a8c;--bad:#a84700;--good:#00704f}
@media (prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e8e8e8;--soft:#b0b0b0;--line:#3a4048;--tint:#1f242a;--accent:#7cc0ea;--bad:#ffa066;--good:#5fd0a8}}
*{box-sizing:border-box}
html{font:16px/1.55 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;background:var(--paper);color:var(--ink)}
body{margin:0 auto;padding:1.5rem 1.25rem 4rem;max-width:60rem}
h1{font-size:1.9rem;line-height:1.2;margin:.4rem 0 .2rem}
h2{font-size:1.4rem;margin:2.6rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--line)}
h3{font-size:1.1rem;margin:1.6rem 0 .3rem}
h4{font-size:1rem;margin:1.1rem 0 .2rem}
p,li,dd{max-width:46rem}
a{color:var(--accent)}
.subtitle,.note{color:var(--soft)}
nav ol{columns:2;padding-left:1.2rem}
code,pre{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:.86em}
code{overflow-wrap:anywhere}
pre{background:var(--tint);border:1px solid var(--line);border-radius:4px;padding:.6rem .8rem;overflow-x:auto;white-space:pre-wrap}
.math{font-family:"LossLattice Sans","DejaVu Sans",sans-serif;font-size:.92em;white-space:nowrap}
.math sub{font-size:.72em}
figure{margin:1.4rem 0;break-inside:avoid}
figure .picture{background:#fff;border:1px solid var(--line);border-radius:4px;padding:.6rem;overflow-x:auto}
figure svg{display:block;max-width:100%;height:auto;margin:0 auto}
figcaption{color:var(--soft);font-size:.92rem;margin-top:.5rem;max-width:46rem}
figcaption strong{color:var(--ink)}
dl{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.35rem 1rem;margin:.6rem 0}
dt{font-weight:600}dd{margin:0}
.table{overflow:auto;max-height:34rem;margin:0 0 1.2rem;border:1px solid var(--line);border-radius:4px}
table{border-collapse:collapse;font-size:.86rem;width:100%}
.caption{color:var(--soft);font-size:.92rem;margin:1.6rem 0 .4rem}.caption strong{color:var(--ink)}
.short code{white-space:nowrap}.long{min-width:18rem}
.mark{text-align:center;min-width:1.6rem}
th,td{padding:.28rem .55rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
thead th{position:sticky;top:0;background:var(--tint);border-top:0}
tbody th{font-weight:600}
td{min-width:3.5rem}td.mark{min-width:0}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.proved,.held{color:var(--good)}.refuted{color:var(--bad)}
.loss{break-inside:avoid-page}
@media screen and (max-width:40rem){figure svg{max-width:46rem}nav ol{columns:1}dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
@media print{:root{--paper:#fff;--ink:#000;--soft:#333;--line:#bbb;--tint:#f5f5f5;--accent:#000}
html{font-size:10pt}body{max-width:none;padding:0}nav{display:none}
.table{max-height:none;overflow:visible;border:0}thead th{position:static}h2,h3{break-after:avoid}tr{break-inside:avoid}
figure .picture{border:0;padding:0}
table{font-size:6.5pt}.long,td{min-width:0}.math,.number,.short code{white-space:normal}}
`.trim()
