/** The look of the page of a replay, in light and dark. */
export const REPLAY_STYLE = `:root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--card:#fff;--line:#d5d9de;--soft:#f4f6f8;--good:#0a6b36;--bad:#a3151a;--warn:#8a5300;--dim:#5c6570;--blue:#1558b0;--violet:#6a2aa0}
@media(prefers-color-scheme:dark){:root{--fg:#e4e7ea;--bg:#14171a;--card:#1b1f23;--line:#363c43;--soft:#22272c;--good:#67d59a;--bad:#ff9189;--warn:#f2b45c;--dim:#9aa4ae;--blue:#7db4ff;--violet:#c9a2f5}}
*{box-sizing:border-box}body{font:15px/1.55 system-ui,sans-serif;margin:0 auto;padding:2rem 1.2rem 4rem;max-width:70rem;color:var(--fg);background:var(--bg)}
h1{font-size:1.7rem;line-height:1.25;margin:0}h2{font-size:1.2rem;margin:2.4rem 0 .6rem}h3{font-size:.95rem;margin:1.2rem 0 .3rem}p{margin:.4rem 0}
a{color:var(--blue)}code,pre,time,.id{font:12.5px/1.5 ui-monospace,monospace}code{overflow-wrap:anywhere}
pre{overflow:auto;background:var(--soft);padding:.7rem .9rem;border-radius:6px;margin:.3rem 0}
table{border-collapse:collapse;max-width:100%}th,td{border-bottom:1px solid var(--line);padding:.3rem .8rem .3rem 0;text-align:left;vertical-align:top}th{font-weight:600;color:var(--dim);font-size:.85rem}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;padding-left:.8rem}
.wide{overflow-x:auto}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.dim{color:var(--dim)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.7rem;margin:1.2rem 0}
.tile{background:var(--card);border:1px solid var(--line);border-top:3px solid var(--line);border-radius:6px;padding:.6rem .8rem;font-size:.87rem}
.tile.good,.tile.bad{color:inherit}.tile.good{border-top-color:var(--good)}.tile.bad{border-top-color:var(--bad)}
.tile b{display:block;font-size:1.45rem;line-height:1.3;font-variant-numeric:tabular-nums}.tile.bad b{color:var(--bad)}
.case{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.55rem 1rem;margin:.5rem 0}.case[open]{padding-bottom:1rem}
.case>summary{cursor:pointer}.case:target{outline:2px solid var(--blue)}.lead{font-size:1.08rem;margin:.6rem 0}
.tag{display:inline-block;min-width:3.2rem;text-align:center;border-radius:4px;border:1px solid;font-size:.78rem;padding:0 .3rem}.tag.right{color:var(--good)}.tag.miss{color:var(--bad);font-weight:700}.tag.na{color:var(--dim)}
.grid td,.grid th{text-align:center;padding:.1rem .55rem}.grid th:first-child{text-align:left}.grid a{text-decoration:none;color:inherit}
svg{display:block;width:100%;height:auto;font-size:11px;fill:var(--fg);margin-top:.5rem}svg line{stroke:var(--line)}svg .tick{fill:var(--dim)}
.fault{fill:var(--bad);color:var(--bad)}.step,.note{fill:var(--warn);color:var(--warn)}.question{fill:var(--blue);color:var(--blue)}.read{fill:var(--dim);color:var(--dim)}.verdict{fill:var(--violet);color:var(--violet)}.proposal{fill:var(--warn);color:var(--warn)}.approval,.outcome{fill:var(--good);color:var(--good)}
.story{list-style:none;padding:0;margin:.4rem 0}.story li{display:grid;grid-template-columns:6.2rem 5.4rem 1fr;gap:.6rem;padding:.1rem 0}.story time{color:var(--dim);text-align:right}.story i{font-style:normal;font-size:.85rem}
.story span,.because{overflow-wrap:anywhere;min-width:0}.because{padding-left:1.1rem;margin:.3rem 0}.because .id{color:var(--dim)}
.add{color:var(--good)}.del{color:var(--bad)}.sum{font-size:.87rem;color:var(--dim);cursor:pointer;margin-top:.6rem}
@media(max-width:40rem){.story li{grid-template-columns:5rem 1fr}.story span{grid-column:1/-1}}
@media print{body{max-width:none}.case{break-inside:avoid}}`;
