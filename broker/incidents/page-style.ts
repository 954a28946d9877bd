/** The look of an incident's page: light and dark as the reader's system has it, narrow screens, and paper. */
export const PAGE_STYLE = `:root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--card:#f6f8fa;--line:#d5d9de;--dim:#57606a;--good:#0a6b36;--bad:#a3151a;--warn:#8a5300;--blue:#1558b0;--violet:#6a2aa0}
@media(prefers-color-scheme:dark){:root{--fg:#e4e7ea;--bg:#14171a;--card:#1e2327;--line:#3a4148;--dim:#9aa4ae;--good:#67d59a;--bad:#ff9189;--warn:#f2b45c;--blue:#7db4ff;--violet:#c9a2f5}}
*{box-sizing:border-box}body{font:15px/1.55 system-ui,sans-serif;margin:0 auto;padding:2rem 1.2rem 4rem;max-width:62rem;color:var(--fg);background:var(--bg);overflow-wrap:anywhere}
h1{font-size:1.65rem;line-height:1.25;margin:.2rem 0 .6rem}h2{font-size:1.15rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}
p{margin:.4rem 0}.lead{font-size:1.08rem;max-width:48rem}.dim,footer{color:var(--dim)}footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:.6rem;font-size:.87rem}
a{color:var(--blue)}code,pre,time{font:12.5px/1.5 ui-monospace,monospace}pre{white-space:pre-wrap;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.add{color:var(--good)}.del{color:var(--bad)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(10rem,1fr));gap:.7rem;margin:1.2rem 0}
.tile{background:var(--card);border:1px solid var(--line);border-top:3px solid var(--line);border-radius:6px;padding:.55rem .8rem;font-size:.85rem;color:var(--dim)}
.tile b{display:block;font-size:1.3rem;line-height:1.35;color:var(--fg)}.tile.bad{border-top-color:var(--bad)}.tile.warn{border-top-color:var(--warn)}.tile.good{border-top-color:var(--good)}
ul{margin:.4rem 0;padding-left:1.2rem}li{margin:.15rem 0}.cites{font-size:.82rem;white-space:normal}.cites a{text-decoration:none}
dl{display:grid;grid-template-columns:8rem 1fr;gap:.25rem .8rem;margin:.4rem 0}dt{color:var(--dim)}dd{margin:0}
.story{list-style:none;padding:0}.story li{display:grid;grid-template-columns:5.2rem 5.6rem 1fr;gap:.7rem;padding:.22rem 0 .22rem .6rem;border-left:3px solid var(--line)}
.story time{color:var(--dim)}.story i{font-style:normal;font-size:.82rem;font-weight:600}.story .who{color:var(--dim)}
.story .telemetry{border-color:var(--dim)}.story .agent{border-color:var(--violet)}.story .policy{border-color:var(--warn)}.story .human{border-color:var(--blue)}.story .device{border-color:var(--good)}
.agent i{color:var(--violet)}.policy i{color:var(--warn)}.human i{color:var(--blue)}.device i{color:var(--good)}.telemetry i{color:var(--dim)}
table{border-collapse:collapse;width:100%;font-size:.87rem}th,td{border-bottom:1px solid var(--line);padding:.3rem .7rem .3rem 0;text-align:left;vertical-align:top}th{color:var(--dim);font-weight:600}
.columns{columns:24rem;font-size:.87rem}.wide td:first-child,.wide th:first-child{white-space:nowrap}tr:target{outline:2px solid var(--blue)}.wide{overflow-x:auto}.wide td:first-child{color:var(--dim)}
@media(max-width:40rem){.story li{grid-template-columns:5rem 1fr}.story .what{grid-column:1/-1}dl{grid-template-columns:1fr;gap:0}dt{margin-top:.4rem}.wide table{min-width:36rem}}
@media print{:root{color-scheme:light;--fg:#000;--bg:#fff;--card:#fff;--line:#bbb;--dim:#444;--good:#0a6b36;--bad:#a3151a;--warn:#8a5300;--blue:#000;--violet:#6a2aa0}body{max-width:none;padding:0;font-size:11pt}h2,h3{break-after:avoid}.tile,.story li,tr,pre{break-inside:avoid}thead{display:table-header-group}a{text-decoration:none}}`;
