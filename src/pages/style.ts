/** The one stylesheet of all pages; stands in the page and is allowed by its hash. */
export const STYLE = `
:root{color-scheme:light dark;--back:#f3f3f7;--card:#fff;--text:#1b1b22;--soft:#595967;--line:#dedee6;--edge:#84848f;--accent:#3a31c9;--accent-hover:#2b24a0;--on-accent:#fff;--tint:#ecebfb;--good:#12683a;--good-back:#e6f4ec;--bad:#a8201a;--bad-back:#fcebea;--bad-hover:#83140f;--focus:#6a62f0}
@media(prefers-color-scheme:dark){:root{--back:#111116;--card:#1c1c24;--text:#ececf1;--soft:#a9a9b8;--line:#363643;--edge:#7c7c8c;--accent:#9d97ff;--accent-hover:#b6b1ff;--on-accent:#14131f;--tint:#2b2a45;--good:#6fd6a0;--good-back:#15291f;--bad:#ff9d94;--bad-back:#331a19;--bad-hover:#ffbdb7;--focus:#b6b1ff}}
*{box-sizing:border-box}
[hidden]{display:none!important}
body{margin:0;min-height:100vh;min-height:100dvh;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
h1{margin:0 0 .25rem;font-size:1.625rem;line-height:1.25;overflow-wrap:anywhere}
h2{margin:0;font-size:1.125rem;line-height:1.4;overflow-wrap:anywhere}
p{margin:.5rem 0 0;overflow-wrap:anywhere}
a{color:var(--accent)}
a:hover{color:var(--accent-hover)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.soft,dt{color:var(--soft)}
.note{margin-top:.5rem;font-size:.9375rem}
form+.note{margin-top:1rem}
.good{color:var(--good)}.bad{color:var(--bad)}
dl{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.25rem 1.5rem;margin:1.5rem 0}
dd{margin:0;overflow-wrap:anywhere}
code{font:.9375em/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
pre{margin:.75rem 0 0;padding:.75rem 1rem;border-radius:.6rem;background:var(--back);white-space:pre-wrap}
pre code{font-size:.875rem}

.skip{position:absolute;left:.5rem;top:-4rem;z-index:1;padding:.5rem 1rem;border-radius:.6rem;background:var(--card)}
.skip:focus{top:.5rem}
.bar{background:var(--card);border-bottom:1px solid var(--line)}
.bar>div,.wide{width:100%;max-width:64rem;margin:0 auto;padding:0 clamp(1rem,4vw,2rem)}
.bar>div{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1.75rem;padding-top:.5rem;padding-bottom:.5rem}
.bar nav{flex:0 1 auto}
.brand{margin:0;font-weight:700;letter-spacing:-.01em}
.account{display:flex;flex:1 1 12rem;align-items:center;justify-content:flex-end;gap:.75rem;min-width:0}
.account bdi{min-width:0;max-width:16rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font-size:.875rem;color:var(--soft)}
nav ul{display:flex;flex-wrap:wrap;gap:.125rem;margin:0 -.6rem;padding:0;list-style:none}
nav a{display:block;padding:.4rem .6rem;border-radius:.5rem;color:var(--soft);font-size:.9375rem;text-decoration:none}
nav a:hover{background:var(--tint);color:var(--text)}
nav a[aria-current]{background:var(--tint);color:var(--text);font-weight:600}
.tabs{margin:0 0 1.5rem}
.wide{padding-top:clamp(1.25rem,4vw,2.5rem);padding-bottom:3rem}
.head{display:flex;flex-wrap:wrap;align-items:end;justify-content:space-between;gap:.75rem 1.5rem;margin-bottom:1.5rem}
.head>:first-child{min-width:0}
.head .choices{margin:0}
.card{margin-top:1.25rem;padding:clamp(1rem,4vw,1.75rem);background:var(--card);border:1px solid var(--line);border-radius:1rem}
.card>:first-child{margin-top:0}
.card>h2+*{margin-top:.75rem}
.card dl:last-child{margin-bottom:0}
.card ul,.solo main>ul{margin:.75rem 0;padding-left:1.25rem}
.slim dl{grid-template-columns:minmax(0,1fr);gap:0}
.slim dd+dt{margin-top:.5rem}
.card form>.field:first-of-type{margin-top:0}
.card p+form{margin-top:1rem}
.card table+form{margin-top:1.25rem}

.solo{display:grid;align-content:center;justify-items:center;padding:1rem}
.solo main{width:100%;max-width:36rem;min-width:0;padding:clamp(1.25rem,5vw,2.5rem);background:var(--card);border:1px solid var(--line);border-radius:1rem}
.slim main{max-width:27rem}
.solo .brand{margin-bottom:1rem;color:var(--soft)}
.solo h1+.soft{margin:0}
.solo section,.solo details{margin-top:1.5rem;padding-top:1.25rem;border-top:1px solid var(--line)}

.button,button{display:inline-block;max-width:100%;padding:.6rem 1.1rem;border:1px solid var(--accent);border-radius:.6rem;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;line-height:1.5;text-align:center;text-decoration:none;cursor:pointer}
.button:hover,button:hover{background:var(--accent-hover);border-color:var(--accent-hover);color:var(--on-accent)}
.quiet{background:transparent;border-color:var(--edge);color:var(--text)}
.quiet:hover{background:transparent;border-color:var(--text);color:var(--text)}
.danger{background:transparent;border-color:var(--bad);color:var(--bad)}
.danger:hover{background:var(--bad-back);border-color:var(--bad);color:var(--bad)}
.final{background:var(--bad);border-color:var(--bad)}
.final:hover{background:var(--bad-hover);border-color:var(--bad-hover)}
.small{padding:.3rem .75rem;font-size:.9375rem;white-space:nowrap}
.lined{background:transparent;color:var(--accent)}
.lined:hover{background:var(--tint);color:var(--accent-hover)}
.choices{display:flex;flex-wrap:wrap;align-items:center;gap:.75rem;margin-top:1.25rem}
.full,.slim form>button,.slim .choices>*{flex:1 1 auto;width:100%}
.solo section .choices>*{flex:1 1 100%}

.field{max-width:32rem;margin-top:1.25rem}
.field label,legend{display:block;padding:0;font-weight:600}
.hint{margin:0;font-size:.9375rem;color:var(--soft)}
.long{max-width:40rem}
.field .wrong{margin:.25rem 0 0;color:var(--bad);font-weight:500}
input,select,textarea{width:100%;margin-top:.3rem;padding:.55rem .75rem;border:1px solid var(--edge);border-radius:.6rem;background:var(--card);color:var(--text);font:inherit}
textarea{min-height:6rem;resize:vertical}
input[aria-invalid],textarea[aria-invalid],select[aria-invalid]{border-color:var(--bad);box-shadow:0 0 0 1px var(--bad)}
input[readonly],textarea[readonly]{font-family:ui-monospace,monospace;background:var(--back)}
textarea[readonly]{min-height:0;font-size:.875rem;overflow-wrap:anywhere;resize:none}
fieldset{max-width:32rem;margin:1.25rem 0 0;padding:0;border:0}
.option{display:grid;grid-template-columns:auto minmax(0,1fr);gap:0 .65rem;margin-top:.6rem}
.option input{width:1.15rem;height:1.15rem;margin:.2rem 0 0;accent-color:var(--accent)}
.option label{font-weight:400}
.option .hint{grid-column:2}
.secret{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end}
.secret input,.secret textarea{flex:1 1 14rem;min-width:0}

.notice{margin:0 0 1.25rem;padding:.75rem 1rem;border:1px solid;border-radius:.6rem;color:var(--good);background:var(--good-back)}
h1+.notice{margin-top:1rem}
.notice.bad{color:var(--bad);background:var(--bad-back)}
.notice p{margin:0}
.notice p+p{margin-top:.35rem}
.tag{display:inline-block;padding:0 .55rem;border-radius:1rem;background:var(--tint);color:var(--text);font-size:.8125rem;font-weight:600;line-height:1.6;white-space:nowrap}
.log{max-height:min(70vh,40rem);margin:.75rem 0 0;overflow:auto;overflow-wrap:anywhere}
.log code{font-size:.8125rem}
.tag.good{background:var(--good-back);color:var(--good)}
.tag.bad{background:var(--bad-back);color:var(--bad)}
.why{max-width:18rem}
.empty{padding:1.5rem 0;text-align:center}
.filter{display:flex;flex-wrap:wrap;align-items:start;gap:.75rem 1rem;margin-bottom:1.5rem}
.filter .field{flex:1 1 8.5rem;min-width:0;max-width:none;margin:0}
.filter input,.filter select{height:2.9rem}
.filter button{height:2.9rem;margin-top:1.8rem}
.chart,.chart img{display:block;max-width:100%;height:auto}
.chart{margin-top:.75rem}
.card details{margin-top:.75rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:1.25rem;margin:0}
.tiles>div{padding:1rem 1.25rem;background:var(--card);border:1px solid var(--line);border-radius:1rem}
.tiles dt{font-size:.9375rem}
.tiles dd{font-size:1.5rem;font-weight:700;line-height:1.3;font-variant-numeric:tabular-nums}

table{width:100%;margin-top:.75rem;border-collapse:collapse}
caption{text-align:left}
th{padding:.4rem .75rem;border-bottom:1px solid var(--line);color:var(--soft);font-size:.875rem;font-weight:600;text-align:left}
td{padding:.75rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere;vertical-align:baseline}
tbody tr:last-child td{border-bottom:0}
.card>table:last-child tr:last-child td{padding-bottom:0}
th:first-child,td:first-child{padding-left:0}
th:last-child,td:last-child{padding-right:0}
.figure{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td form{display:inline}
td .choices{margin:0;gap:.5rem}
.whole{white-space:nowrap}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media(min-width:44.01rem){th:last-child:has(.unseen),td[data-label=""]{text-align:right}td[data-label=""] .choices{justify-content:flex-end}}
@media(min-width:60rem){.why{min-width:13rem}td time{white-space:nowrap}td .choices{flex-wrap:nowrap}}
@media(max-width:44rem){
.bar nav{order:3;flex-basis:100%}
.account{flex:1 1 0;justify-content:flex-end}
nav ul{gap:0;margin:0 -.3rem}
nav a{padding:.4rem .3rem;font-size:.8125rem}
.head>.button,.head>.choices{width:100%}
.head .choices{flex-wrap:nowrap;gap:.5rem}
.head .choices>*{flex:1 1 auto;padding-left:.6rem;padding-right:.6rem}
.head .choices>form{padding:0}
.head .choices>form>button{width:100%}
.filter button,.filter .field:has([type=email]){flex:1 1 100%;margin-top:0}
textarea[readonly]{min-height:8.5rem}
.filter button{margin-top:0}
.tiles{gap:.75rem}
.tiles>div{padding:.75rem 1rem}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,td{display:block}
tr{padding:.75rem 0;border-bottom:1px solid var(--line)}
tbody tr:last-child{border-bottom:0}
.card>table:last-child tr:last-child{padding-bottom:0}
td{display:grid;grid-template-columns:5.5rem minmax(0,1fr);gap:.5rem;padding:.2rem 0;border:0}
td::before{content:attr(data-label);color:var(--soft);font-size:.9375rem}
.card>table:last-child tr:last-child td{padding-bottom:.2rem}
td[data-label=""]{display:block;margin-top:.5rem}
td[data-label=""]:has(>:empty){display:none}
td[data-label=""]::before{content:none}
td.figure{text-align:left}
.compact tr{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 1rem;align-items:center}
.compact td{grid-column:1;grid-template-columns:4.5rem minmax(0,1fr);padding:.1rem 0}
.compact td:first-child{display:block;font-weight:600}
.compact td:first-child::before{content:none}
.compact td[data-label=""]{grid-area:1/2/span 4;margin:0}
.card dl{grid-template-columns:minmax(0,1fr);gap:0}
.card dd+dt{margin-top:.5rem}
}

.shelf article{margin-top:1.25rem;padding-top:1.25rem;border-top:1px solid var(--line)}
.shelf h3{margin:0;font-size:1rem;line-height:1.4;overflow-wrap:anywhere}
.shelf h3+.note{margin-top:.125rem}
.shelf details{margin-top:.75rem}
@media(min-width:44.01rem){
.shelf table:last-child tr:last-child td{padding-bottom:0}
.shelf table{table-layout:fixed}
.shelf td:last-child{text-align:right}
}
@media(max-width:44rem){
.shelf table{margin-top:.25rem}
.shelf tr{display:grid;grid-template-columns:1fr 1fr;gap:.25rem 1rem;padding:.5rem 0}
.shelf tr:last-child{padding-bottom:0}
.shelf td{display:block}
.shelf td::before{display:block;font-size:.875rem}
.shelf td[data-label=""]{grid-column:1/-1;margin-top:.25rem}
.shelf td form,.shelf td button{display:block;width:100%}
.customer .account{flex-basis:100%;justify-content:space-between}
.customer .account bdi{max-width:none}
}

#folder-status{margin-top:1rem;font-weight:600}
#folder-status:empty{margin:0}
#folder-current{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
progress{display:block;width:100%;height:.6rem;margin:.5rem 0 0;accent-color:var(--accent)}
.figures{font-variant-numeric:tabular-nums}
summary{font-weight:600;cursor:pointer}
.files{max-height:22rem;margin:.75rem 0 0;padding:0;overflow:auto;border:1px solid var(--line);border-radius:.6rem;list-style:none;font-size:.9375rem}
.files li{display:flex;gap:1rem;justify-content:space-between;padding:.3rem .75rem}
.files li+li{border-top:1px solid var(--line)}
.files bdi{min-width:0;overflow-wrap:anywhere}
.files span{flex:none;color:var(--soft);font-variant-numeric:tabular-nums}
@media(prefers-reduced-motion:no-preference){.button,button,nav a{transition:background-color .12s,border-color .12s,color .12s}}
@media(forced-colors:active){.button,button,.tag{border:1px solid ButtonText}}
`;
