# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the page of the report looks: its style sheet, and its short words."""

from __future__ import annotations

from .._status import BACKUP, COMPLETE, ERROR, IN_PROGRESS, NOT_DOCUMENTED_FAILURES, PENDING, RETRY

#: The statuses, where there is little room.
SHORT = {PENDING: "queued", BACKUP: "backup", IN_PROGRESS: "running", RETRY: "retry", COMPLETE: "done"}
#: Where there is hardly any.
LETTERS = {
    PENDING: "Q",
    BACKUP: "B",
    IN_PROGRESS: "R",
    RETRY: "T",
    COMPLETE: "D",
    ERROR: "E",
    **dict.fromkeys(sorted(NOT_DOCUMENTED_FAILURES | {"FAILED"}), "F"),
    "HELD": "H",
    "SENDING": "S",
    "\N{EN DASH}": "\N{EN DASH}",
}

STYLE = """
:root { color-scheme: light dark; --ground: #fff; --card: #f5f6f8; --ink: #17191e; --faint: #5b6270; --line: #d8dbe2;
  --complete: #bfe5c6; --error: #f6b9b5; --failed: #f6b9b5; --held: #f7dfa6; --open: #c3d8fa; --absent: transparent;
  --pending: #c9cdd6; --backup: #dcc3f2; --running: #8fb8f5; --retry: #f2c14e; --other: #9aa1ae; }
@media (prefers-color-scheme: dark) { :root { --ground: #14161a; --card: #1e2127; --ink: #e8eaee; --faint: #9aa1ae;
  --line: #353a44; --complete: #1f5a2c; --error: #7a2420; --failed: #7a2420; --held: #6a5215; --open: #23406f;
  --pending: #4a5060; --backup: #5d3f7d; --running: #2f62ad; --retry: #92700f; --other: #5b6270; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 88rem; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; } .faint { color: var(--faint); } code { font-size: .9em; overflow-wrap: anywhere; }
.verdict { margin: 1rem 0; padding: .75rem 1rem; border-radius: .5rem; font-weight: 600; }
.verdict.ok { background: var(--complete); } .verdict.not-ok { background: var(--error); }
.verdict.rehearsal { background: var(--held); }
.arrow { white-space: nowrap; } .wide { overflow-x: auto; } table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }
th { font-weight: 600; } table.plain td { overflow-wrap: anywhere; }
.matrix th, .matrix td { font-size: .8rem; } .matrix td { text-align: center; white-space: nowrap; }
.matrix th[scope=row] { position: sticky; left: 0; z-index: 1; background: var(--ground); max-width: 12rem;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.matrix td b { display: block; font-weight: 600; } .matrix .mute, .matrix .mute b { font-style: italic;
  font-weight: 400; }
.matrix.dense th, .matrix.dense td { font-size: .68rem; padding: .15rem .25rem; }
.matrix.tiny th, .matrix.tiny td { font-size: .6rem; line-height: 1.15; padding: 0; }
.matrix.tiny th[scope=row] { padding: 0 .2rem; } .matrix.tiny td { min-width: .75rem; }
.matrix.tiny td:hover, .matrix.tiny tr:hover th { outline: 2px solid var(--ink); }
.matrix:is(.dense, .tiny) th[scope=col] { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 9rem;
  overflow: hidden; }
.complete { background: var(--complete); } .error, .failed { background: var(--error); font-weight: 700; }
.held { background: var(--held); } .open { background: var(--open); } .self { color: var(--faint); }
.card { background: var(--card); border-left: .35rem solid var(--error); border-radius: .35rem; margin: .5rem 0;
  padding: .5rem .75rem; white-space: pre-line; break-inside: avoid; } .card.held-card { border-color: var(--retry); }
.line { display: grid; grid-template-columns: 11rem 1fr 5rem; gap: .5rem; align-items: center; font-size: .8rem;
  break-inside: avoid; } .line > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.track { position: relative; height: .8rem; background: var(--card); border-radius: .2rem; overflow: hidden; }
.track i { position: absolute; top: 0; bottom: 0; min-width: 2px; background: var(--other); }
.track .pending, .key.pending { background: var(--pending); } .track .backup, .key.backup { background: var(--backup); }
.track .in_progress, .key.in_progress { background: var(--running); }
.track .retry, .key.retry { background: var(--retry); }
.legend { white-space: nowrap; }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem; margin: 0 .3rem 0 1rem; }
label { display: inline-block; margin-right: 1rem; } summary { cursor: pointer; }
.long .line { grid-template-columns: minmax(11rem, 26rem) minmax(11rem, 1fr) 5rem; }
@media (max-width: 40rem) { .line { grid-template-columns: 7rem 1fr 4.5rem; } body { padding: .6rem; }
  .long .line { grid-template-columns: 1fr 4.5rem; } .long .track { grid-area: 2 / 1 / auto / -1; }
  .long .line > span { white-space: normal; }
  table.plain :is(table, tbody, tr, th, td) { display: block; } }
@media print { * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } .wide { overflow: visible; }
  body { max-width: none; padding: 0; font-size: 11px; } .matrix:is(.dense, .tiny) { table-layout: fixed; width: 100%; }
  .matrix.dense th, .matrix.dense td { font-size: 6.5px; padding: 1px; white-space: normal; }
  .matrix.tiny th, .matrix.tiny td { font-size: 4.5px; padding: 0; min-width: 0; }
  @page { size: A4 landscape; margin: 10mm; } }
"""
