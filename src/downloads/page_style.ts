/** The one stylesheet of these pages; stands in the page and is allowed by its hash. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--back:#f3f3f7;--card:#fff;--text:#1b1b22;--soft:#595967;--line:#dedee6;--accent:#3a31c9;--accent-hover:#2b24a0;--on-accent:#fff;--good:#12683a;--bad:#a8201a;--focus:#6a62f0}
@media(prefers-color-scheme:dark){:root{--back:#111116;--card:#1c1c24;--text:#ececf1;--soft:#a9a9b8;--line:#363643;--accent:#9d97ff;--accent-hover:#b6b1ff;--on-accent:#14131f;--good:#6fd6a0;--bad:#ff9d94;--focus:#b6b1ff}}
*{box-sizing:border-box}
[hidden]{display:none!important}
body{margin:0;min-height:100vh;min-height:100dvh;display:grid;align-items:center;justify-items:center;padding:1rem;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:36rem;min-width:0;padding:clamp(1.25rem,5vw,2.5rem);background:var(--card);border:1px solid var(--line);border-radius:1rem}
h1{margin:0 0 .25rem;font-size:1.625rem;line-height:1.25;overflow-wrap:anywhere}
h2{margin:0;font-size:1.0625rem;line-height:1.4}
p{margin:.5rem 0 0;overflow-wrap:anywhere}
h1+.soft{margin:0}
.soft,dt{color:var(--soft)}
dl{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.25rem 1.5rem;margin:1.5rem 0}
dd{margin:0;overflow-wrap:anywhere}
.button,button{display:block;width:100%;padding:.75rem 1rem;border:1px solid var(--accent);border-radius:.6rem;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}
.button:hover,button:hover{background:var(--accent-hover);border-color:var(--accent-hover)}
button{background:transparent;color:var(--accent)}
button:hover{background:transparent;color:var(--accent-hover)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.note{margin-top:.5rem;font-size:.9375rem}
section,details{margin-top:1.5rem;padding-top:1.25rem;border-top:1px solid var(--line)}
button.quiet{border-color:var(--line);color:var(--text)}
button.quiet:hover{border-color:var(--soft);color:var(--text)}
#folder-status{margin-top:1rem;font-weight:600}
#folder-status:empty{margin:0}
.choices{display:grid;gap:.5rem;margin-top:1rem}
progress{display:block;width:100%;height:.6rem;margin:.5rem 0 0;accent-color:var(--accent)}
.figures{font-variant-numeric:tabular-nums}
#folder-current{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.good{color:var(--good)}.bad{color:var(--bad)}
summary{font-weight:600;cursor:pointer}
.files{max-height:22rem;margin:.75rem 0 0;padding:0;overflow:auto;border:1px solid var(--line);border-radius:.6rem;list-style:none;font-size:.9375rem}
.files li{display:flex;gap:1rem;justify-content:space-between;padding:.3rem .75rem}
.files li+li{border-top:1px solid var(--line)}
.files bdi{min-width:0;overflow-wrap:anywhere}
.files span{flex:none;color:var(--soft);font-variant-numeric:tabular-nums}
@media(prefers-reduced-motion:no-preference){.button,button{transition:background-color .12s,border-color .12s,color .12s}}
@media(forced-colors:active){.button,button{border-color:ButtonText}}
`;
