/**
 * Style of an exported page. The colors are those of `page/styles/base.css`, written again because the
 * exported file contains no other style; a test compares them.
 */
export const HTML_STYLE = `
:root{color-scheme:light dark;--bg:#f5f6f8;--surface:#ffffff;--text:#16191f;--muted:#5c6675;--line:#e1e5ea;--ok:#1b7a2f;--error:#8a5a00;--fault:#c0271d;--throttle:#7a35b8;--in-progress:#0b6e8a}
@media (prefers-color-scheme:dark){:root{--bg:#0f141a;--surface:#161c24;--text:#e7eaef;--muted:#98a3b3;--line:#28313d;--ok:#63c67c;--error:#e8b64c;--fault:#ff8073;--throttle:#c79bf2;--in-progress:#5fc3dd}}
*{box-sizing:border-box;margin:0}
body{background:var(--bg);color:var(--text);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;padding:20px;max-width:1600px;margin:auto}
h1{font-size:20px;overflow-wrap:anywhere}
dl{display:flex;flex-wrap:wrap;gap:6px 32px;margin:10px 0 18px}
dt{color:var(--muted);font-size:12px}
dd{overflow-wrap:anywhere}
main{background:var(--surface);border:1px solid var(--line);border-radius:8px;overflow:hidden}
details+details{border-top:1px solid var(--line)}
summary{display:grid;grid-template-columns:minmax(0,5fr) 90px 80px minmax(80px,5fr);gap:16px;align-items:center;padding:4px 14px;cursor:pointer;list-style:none}
summary::-webkit-details-marker{display:none}
summary:hover,details[open]>summary{background:color-mix(in srgb,var(--muted) 9%,var(--surface))}
summary:focus-visible{outline:2px solid currentcolor;outline-offset:-2px}
.name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
b{font-weight:400}
.top b{font-weight:650}
i{font-style:normal;color:var(--muted);font-size:12px}
.ok{--tone:var(--ok)}.error{--tone:var(--error)}.fault{--tone:var(--fault)}.throttle{--tone:var(--throttle)}.in-progress{--tone:var(--in-progress)}
.status{color:var(--tone);font-size:13px}
.time{text-align:right;font-variant-numeric:tabular-nums}
.axis{position:relative;height:12px}
.bar{position:absolute;top:0;bottom:0;min-width:3px;border-radius:2px;background:var(--tone)}
.body{padding:8px 14px 16px}
.exception{margin-bottom:12px}
.exception h2{font-size:14px;color:var(--fault)}
.exception p{white-space:pre-wrap;overflow-wrap:anywhere}
ol{list-style:none;padding:0;margin-top:4px;font:12px/1.6 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{font:12px/1.55 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
footer{margin-top:14px;color:var(--muted);font-size:12px}
@media (max-width:640px){body{padding:12px}summary{grid-template-columns:minmax(0,1fr) 64px 70px;gap:8px;padding:4px 10px}.status{display:none}}
`;
