# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the page of the report looks: its style sheet. The colours are in palette.py."""

from __future__ import annotations

from .palette import rules, variables_of

STYLE = (
    f"""
:root {{ color-scheme: light dark; {variables_of("light")} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {variables_of("dark")} }} }}
{rules()}
"""
    + """
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; break-after: avoid; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; break-after: avoid; }
p { margin: .25rem 0; } a { color: inherit; } code { font-size: .9em; overflow-wrap: anywhere; }
.faint, small { color: var(--faint); } small { font-size: .8rem; }
.verdict { margin: 1rem 0; padding: .75rem 1rem; border-radius: .5rem; } .verdict strong { font-size: 1.25rem; }
.arrow { white-space: nowrap; } .number { text-align: right; white-space: nowrap; }
.chip { padding: .05rem .45rem; border-radius: .3rem; white-space: nowrap; box-shadow: inset 0 0 0 1px var(--line); }

#tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .6rem; }
.card { border-left: .4rem solid var(--line); border-radius: .35rem; padding: .5rem .75rem; break-inside: avoid;
  background: var(--card); color: var(--ink); }
.tile > * { display: block; } .tile b { font-size: 1.7rem; line-height: 1.25; }
#deadline b { font-size: 1.15rem; }
#sites { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); gap: .5rem 1.5rem; }
.site { break-inside: avoid; font-size: .85rem; } .site b { display: block; }
.track { position: relative; background: var(--card); box-shadow: inset 0 0 0 1px var(--line); border-radius: .2rem; }
.site .track { display: flex; gap: 2px; height: .7rem; overflow: hidden; }
.site .bar { min-width: 4px; }
.card ul { margin: .25rem 0 0; padding-left: 1.1rem; white-space: pre-line; }
#attention { display: grid; gap: .5rem; grid-template-columns: repeat(auto-fill, minmax(min(32rem, 100%), 1fr)); }

.wide { overflow: auto; } table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }
th { font-weight: 600; background: var(--ground); } table.plain th { min-width: 13rem; }
.matrix, #jobs table { border-collapse: separate; border-spacing: 0; }
.matrix th, .matrix td, #jobs th, #jobs td { border-width: 0 1px 1px 0; }
#matrix, #links, #check, #jobs .wide, #findings .wide { max-height: 92vh; width: fit-content; max-width: 100%;
  border: solid var(--line); border-width: 1px 0 0 1px; }
thead > tr > * { position: sticky; top: 0; z-index: 2; background: var(--ground); vertical-align: bottom; }
th[scope=row], thead > tr > :first-child { position: sticky; left: 0; z-index: 1; }
thead > tr > :first-child { z-index: 3; }
.matrix th, .matrix td { font-size: .8rem; } .matrix td { text-align: center; white-space: nowrap; }
.matrix th span { display: block; max-width: 12rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.matrix td b, .matrix td span { display: block; } .matrix .mute { font-style: italic; } .self { color: var(--faint); }
.matrix.dense th, .matrix.dense td { font-size: .7rem; padding: .15rem .2rem; }
.matrix.dense td b { font-size: .85rem; }
.matrix.tiny th, .matrix.tiny td { font-size: .7rem; line-height: 1.3; padding: 0 .15rem; }
.matrix.tiny td { min-width: 1.25rem; }
.matrix.numbers :is(td, th[scope=col]) { text-align: right; } .matrix.numbers td b { font-size: inherit; }
#links, #check { margin-bottom: .5rem; }
#check-pairs { margin: .25rem 0; padding-left: 1.1rem; } #check-steps { margin-top: .5rem; }
#checks :is(th, td) { white-space: nowrap; }
.trend .track { display: block; height: .5rem; min-width: 8rem; overflow: hidden; }
.trend .bar { display: block; height: 100%; min-width: 2px; } .trend .number { display: block; }
#findings table { border-collapse: separate; border-spacing: 0; }
#findings :is(th, td) { border-width: 0 1px 1px 0; font-size: .82rem; } #findings th[scope=row] { white-space: nowrap; }
#not-counted { display: grid; gap: .5rem; margin-bottom: .5rem; }
.matrix td:hover { outline: 2px solid var(--ink); outline-offset: -2px; }
.matrix:is(.dense, .tiny) th[scope=col] { padding: .3rem 0; }
.matrix:is(.dense, .tiny) th[scope=col] span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 9rem;
  margin: auto; }
.legend > span { display: inline-block; margin: .1rem .75rem .1rem 0; }
.legend .bar { display: inline-block; width: 1.6rem; height: .7rem; margin-right: .35rem; border-radius: .2rem; }

#jobs td, #jobs th { font-size: .82rem; } #jobs th[scope=row] { min-width: 7rem; max-width: 14rem; }
#jobs th[scope=col] { overflow-wrap: normal; } #jobs td:nth-child(8) { min-width: 9.5rem; }
#jobs td:nth-child(9) { min-width: 16rem; } #jobs code { white-space: nowrap; }
#jobs:has(#only-problems:checked) .fine { display: none; }
.switch { display: inline-block; padding: .25rem 0; cursor: pointer; }
.line { display: grid; grid-template-columns: 11rem 1fr 21rem; gap: .6rem; align-items: center; font-size: .8rem;
  break-inside: avoid; } .line > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.long .line { grid-template-columns: minmax(11rem, 26rem) minmax(11rem, 1fr) 21rem; }
.line .track { height: .8rem; overflow: hidden; }
.line .bar { position: absolute; top: 0; bottom: 0; min-width: 2px; border-right: 1px solid var(--card); }
label { display: inline-block; margin-right: 1rem; }
dl { margin: 0; } dt { font-weight: 600; } dd { margin: 0 0 .5rem; }
.bar.waiting { background: repeating-linear-gradient(135deg, var(--waiting-bar) 0 3px, var(--card) 3px 5px); }
.bar.retry { background: repeating-linear-gradient(90deg, var(--retry-bar) 0 4px, var(--card) 4px 5px); }
@media screen { .fold:not(:has(> .switch > input:checked)) > :not(.switch) { display: none; } }
@media (max-width: 44rem) { body { padding: .6rem; } #tiles { grid-template-columns: 1fr 1fr; }
  .tile b { font-size: 1.35rem; } .matrix th[scope=row] span { max-width: 6.5rem; }
  .line, .long .line { grid-template-columns: 1fr; gap: 0; margin-bottom: .5rem; } .line > span { white-space: normal; }
  #jobs :is(table, tbody, tr, th, td) { display: block; border: 0; padding: 0; min-width: 0; max-width: none; }
  #jobs thead, #jobs td:empty { display: none; } #jobs tr { border-top: 1px solid var(--line); padding: .35rem 0; }
  #jobs .wide { max-height: none; width: auto; border: 0; }
  #findings :is(table, tbody, tr, th, td) { display: block; border: 0; padding: 0; }
  #findings thead, #findings td:empty { display: none; }
  #findings tr { border-top: 1px solid var(--line); padding: .35rem 0; }
  #findings .wide { max-height: none; width: auto; border: 0; }
  #findings :is(th, td:nth-child(-n + 5)) { display: inline-block; margin-right: .75rem; }
  #findings td:nth-child(3)::before { content: "to "; }
  #jobs .number { display: inline-block; margin-right: .75rem; }
  #jobs td:nth-child(4)::before { content: "waiting "; } #jobs td:nth-child(5)::before { content: "backup "; }
  #jobs td:nth-child(6)::before { content: "running "; } #jobs td:nth-child(7)::before { content: "attempt "; }
  #jobs td:nth-child(8)::before { content: "origin "; }
  table.plain :is(table, tbody, tr, th, td) { display: block; } }
@media print { * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  :root { color-scheme: light; } .switch { display: none; }
  body { max-width: none; padding: 0; font-size: 11px; } h2 { margin-top: 1rem; } p { break-after: avoid; }
  #matrix, #links, #check, #jobs .wide, #findings .wide, .wide { overflow: visible; max-height: none; width: auto; }
  thead > tr > *, th[scope=row] { position: static !important; } tr { break-inside: avoid; }
  .matrix:is(.dense, .tiny) { table-layout: fixed; width: 100%; } .matrix thead td { width: 7rem; }
  .matrix th[scope=row] span { white-space: normal; } .site { font-size: 10px; }
  .matrix.dense th, .matrix.dense td { font-size: 6.5px; padding: 1px; white-space: normal; }
  #check .dense td b { font-size: 8px; } #findings :is(th, td) { font-size: 8.5px; padding: 1px 3px; }
  h3 { font-size: 12px; margin-top: .75rem; }
  .matrix.tiny th, .matrix.tiny td { font-size: 7px; padding: 0; min-width: 0; }
  .matrix { break-inside: avoid; } #tiles { grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); }
  #jobs table { width: 100%; } #jobs :is(th, td) { font-size: 8.5px; padding: 1px 3px; }
  #jobs td:nth-child(8) { min-width: 10em; } #jobs th[scope=row] { min-width: 16em; }
  .line { font-size: 8px; grid-template-columns: 12rem 1fr 15rem; } .line .track { height: 7px; }
  .tile b { font-size: 16px; } #deadline b { font-size: 11px; } small { font-size: 9px; }
  #jobs code { min-width: 0; font-size: 7.5px; white-space: nowrap; } .chip { padding: 0 .3rem; }
  #settings { break-before: page; font-size: 7.5px; line-height: 1.25; } #settings dl { columns: 3; }
  #settings dl > div { break-inside: avoid; } #settings dd { margin-bottom: 2px; }
  @page { size: A4 landscape; margin: 10mm; } }
"""
)
