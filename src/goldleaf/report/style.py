"""The style sheet of a report's page: no font, image or script from elsewhere."""

STYLE = """
:root{color-scheme:light dark;--paper:#faf8f3;--card:#fff;--ink:#26221b;--muted:#746c5e;--line:#e3ddd0;--gold:#b8860b;
--on-gold:#fff;--right:#2f7d4f;--wrong:#bf3b2c;--missed:#b0741a}
@media(prefers-color-scheme:dark){:root{--paper:#16140f;--card:#1f1c16;--ink:#ebe5d8;--muted:#a79e8d;--line:#3a352b;
--gold:#d8a93b;--on-gold:#16140f;--right:#66bd8d;--wrong:#f0806f;--missed:#e3b45f}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:70rem;margin:0 auto;padding:2.2rem 1.2rem 4rem}
h1{font-size:1.75rem;margin:0;letter-spacing:-.01em;overflow-wrap:anywhere}
h1::after{content:"";display:block;width:4.5rem;height:4px;margin-top:.7rem;border-radius:2px;background:var(--gold)}
h2{font-size:1.3rem;margin:2.6rem 0 .3rem;overflow-wrap:anywhere}h2 small{font-weight:400;color:var(--muted);font-size:.95rem}
h3{font-size:1rem;margin:0 0 .5rem}p{margin:.5rem 0}.quiet{color:var(--muted)}.note{border-left:3px solid var(--missed);padding-left:.7rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(12rem,1fr));gap:.9rem;margin:1.4rem 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1rem 1.1rem;margin:.9rem 0;overflow-x:auto}
.tiles .card{margin:0}.tile b{display:block;font-size:1.9rem;line-height:1.2;font-variant-numeric:tabular-nums}
.tile span{color:var(--muted);font-size:.88rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,27rem),1fr));gap:.9rem;margin:.9rem 0}
.plots .card{margin:0}.wide{grid-column:1/-1}figure{margin:0}figure svg{max-width:100%;height:auto;display:block}
table{border-collapse:collapse;width:100%}
th{color:var(--muted);font-weight:500;font-size:.85rem;text-align:left}td,th{padding:.32rem .7rem .32rem 0;vertical-align:top}
tr+tr>td,tbody>tr>td{border-top:1px solid var(--line)}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
details>summary{cursor:pointer;color:var(--muted)}details>summary:hover{color:var(--ink)}
.error{border-top:1px solid var(--line);padding:.7rem 0}.error:first-of-type{border-top:0}
.error header{color:var(--muted);font-size:.85rem;overflow-wrap:anywhere}
.line{display:grid;grid-template-columns:4.2rem 1fr;gap:.6rem;margin-top:.25rem}
.line>span{color:var(--muted);font-size:.85rem;padding-top:.1rem}
.text{overflow-wrap:anywhere;white-space:pre-wrap}
mark{background:color-mix(in srgb,var(--tone) 20%,transparent);color:inherit;border-bottom:2px solid var(--tone);
border-radius:3px 3px 0 0;padding:.05em .1em}
.chip{display:inline-block;color:var(--tone);font-size:.78em;font-weight:600;margin:0 .2em;white-space:nowrap}
.value{color:var(--tone);font-weight:600}
.right{--tone:var(--right)}.wrong{--tone:var(--wrong)}.missed{--tone:var(--missed)}
"""
