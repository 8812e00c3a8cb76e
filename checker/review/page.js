"use strict";
// The tables as columns (see checker/review/contents.py). Text from a page only ever becomes a text node.
const run = JSON.parse(document.getElementById("run").textContent);
const { documents: D, sentences: S, findings: F, rules: R } = run;
const SEVERITIES = ["critical", "major", "minor", "info"];
const VERDICTS = { 1: "true", 2: "false", 3: "wontfix" };
const SAID = { true: "true", false: "false", wontfix: "won’t fix" };
const HEIGHT = 72, FURTHEST = 12e6; // of a row, and of a list: browsers lose their way in taller ones
const byId = (id) => document.getElementById(id);

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}
const textOf = (doc, start, end) => (doc === null || start === null ? null : D.text[doc].slice(start, end));
const language = (code) => ({ dir: "auto", lang: code && code !== "und" ? code : null });

// Verdicts: those of the run, then those given here, which this browser keeps.
const KEPT = `checker-verdicts-${run.signature}`;
let verdicts = {};
try { verdicts = JSON.parse(localStorage.getItem(KEPT)) || {}; } catch { /* a browser that keeps nothing */ }
const verdictOf = (f) => verdicts[F.fingerprint[f]] ?? F.verdict[f];
function judge(f, verdict) {
  const same = verdictOf(f) === verdict;
  verdicts[F.fingerprint[f]] = same ? null : verdict;
  try { localStorage.setItem(KEPT, JSON.stringify(verdicts)); } catch { say("this browser keeps nothing: export before you close the page"); }
  say(same ? "verdict taken back" : `judged ${SAID[verdict]}: ${R.rule[F.rule_number[f]]}`);
  draw();
}
function exported() {
  const lines = F.fingerprint.map((fingerprint, f) => ({ fingerprint, verdict: verdictOf(f), rule: R.rule[F.rule_number[f]], doc: D.doc[F.doc[f]], evidence: evidenceOf(f) }));
  return lines.filter((line) => line.verdict).map((line) => JSON.stringify(line) + "\n").join("");
}
function download() {
  if (!exported()) return say("no verdicts yet: 1, 2 or 3 judges the finding at hand, and then there is something to export");
  const link = make("a", { href: URL.createObjectURL(new Blob([exported()], { type: "application/x-ndjson" })), download: "verdicts.jsonl" });
  link.click();
  return say("verdicts.jsonl: name it in the settings (verdicts), or audit with --verdicts");
}
function say(text) { byId("said").textContent = text; clearTimeout(say.timer); say.timer = setTimeout(() => { byId("said").textContent = ""; }, 4000); }

// Findings of a sentence pair: those that begin in its version's side, and of an omission those about its original's.
const evidenceOf = (f) => textOf(F.doc[f], F.start[f], F.end[f]) ?? "";
const findingsOf = (() => {
  const spans = new Map(), gaps = new Map();
  S.doc.forEach((doc, s) => {
    const side = S.start[s] === null ? gaps : spans, key = S.start[s] === null ? `${doc}/${S.original[s]}` : doc;
    if (!side.has(key)) side.set(key, []);
    side.get(key).push(s);
  });
  const start = { of: spans, at: (s) => S.start[s], end: (s) => S.end[s] }, gap = { of: gaps, at: (s) => S.original_start[s], end: (s) => S.original_end[s] };
  for (const side of [start, gap]) for (const list of side.of.values()) list.sort((a, b) => side.at(a) - side.at(b));
  const found = S.doc.map(() => []);
  const place = (side, key, at, f) => {
    const list = side.of.get(key) ?? [];
    let low = 0, high = list.length;
    while (low < high) { const middle = (low + high) >> 1; if (side.at(list[middle]) <= at) low = middle + 1; else high = middle; }
    for (let i = low - 1; i >= 0 && side.at(list[i]) === side.at(list[low - 1]); i--) {
      const s = list[i];
      if (side.end(s) > at && (F.original[f] === null || F.original[f] === S.original[s])) found[s].push(f);
    }
  };
  F.doc.forEach((doc, f) => {
    if (F.start[f] === F.end[f] && F.original_start[f] !== null) place(gap, `${doc}/${F.original[f]}`, F.original_start[f], f);
    else place(start, doc, F.start[f], f);
  });
  return (s) => found[s];
})();

// The state of the view is the URL's fragment, so that a view can be linked.
const VIEWS = { overview: "Overview", sentences: "Sentences", findings: "Findings", page: "Page" };
const FILTERS = ["q", "lang", "rule", "severity", "status", "doc", "min", "max", "verdict", "sort"];
let state = {};
function read() {
  state = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  if (!(state.view in VIEWS)) state.view = "overview";
  if (state.sort !== "page") delete state.sort; // the worst comes first
}
function go(changes, keep = true) {
  const next = keep ? { ...state, ...changes } : changes;
  const kept = Object.entries(next).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  history.replaceState(null, "", `#${new URLSearchParams(kept)}`);
  read();
  show();
}

// Rows of the list that is shown, after the filters.
let rows = [];
const many = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
const lower = (text) => (text ?? "").toLowerCase();
function chosen() {
  const q = lower(state.q), min = state.min === undefined ? null : +state.min, max = state.max === undefined ? null : +state.max;
  const doc = state.doc === undefined ? null : D.doc.indexOf(state.doc);
  const fits = (f) => (!state.rule || R.rule[F.rule_number[f]] === state.rule) && (!state.severity || F.severity[f] === state.severity) &&
    (!state.verdict || (verdictOf(f) ?? "none") === state.verdict);
  const some = state.rule || state.severity || state.verdict;
  let found = [];
  if (state.view === "findings") {
    for (let f = 0; f < F.doc.length; f++) {
      if (!fits(f) || (doc !== null && F.doc[f] !== doc) || (state.lang && D.lang[F.doc[f]] !== state.lang)) continue;
      if (state.status && (state.status === "suppressed") !== (F.suppressed[f] !== null)) continue;
      if (q && !lower(evidenceOf(f)).includes(q) && !lower(F.message[f]).includes(q) && !F.fingerprint[f].startsWith(q)) continue;
      found.push(f);
    }
    if (!state.sort) found.sort((a, b) => SEVERITIES.indexOf(F.severity[a]) - SEVERITIES.indexOf(F.severity[b]) || a - b);
    return found;
  }
  for (let s = 0; s < S.doc.length; s++) {
    if ((doc !== null && S.doc[s] !== doc) || (state.lang && (S.lang[s] ?? D.lang[S.doc[s]]) !== state.lang)) continue;
    if (state.status && S.status[s] !== state.status && S.alignment[s] !== state.status) continue;
    if (min !== null && !(S.fidelity[s] !== null && S.fidelity[s] >= min)) continue;
    if (max !== null && !(S.fidelity[s] !== null && S.fidelity[s] <= max)) continue;
    if (some && !findingsOf(s).some(fits)) continue;
    if (q && ![textOf(S.doc[s], S.start[s], S.end[s]), S.back[s], textOf(S.original[s], S.original_start[s], S.original_end[s])].some((text) => lower(text).includes(q))) continue;
    found.push(s);
  }
  if (!state.sort) found.sort((a, b) => (S.fidelity[a] ?? 101) - (S.fidelity[b] ?? 101) || a - b);
  return found;
}

// The list: only the rows in sight are in the page.
const factor = () => Math.min(1, FURTHEST / Math.max(rows.length * HEIGHT, 1));
function sketch() {
  const list = byId("list"), room = list.firstElementChild;
  const top = list.scrollTop / factor(), first = Math.max(Math.floor(top / HEIGHT) - 4, 0), last = Math.min(first + Math.ceil(list.clientHeight / HEIGHT) + 8, rows.length);
  const shift = list.scrollTop - top;
  const drawn = [];
  for (let at = first; at < last; at++) {
    const row = state.view === "findings" ? findingRow(rows[at]) : sentenceRow(rows[at]);
    row.id = `row-${at}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-setsize", rows.length);
    row.setAttribute("aria-posinset", at + 1);
    row.setAttribute("aria-selected", at === selected());
    row.style.top = `${at * HEIGHT + shift}px`;
    row.addEventListener("click", () => select(at));
    drawn.push(row);
  }
  room.replaceChildren(...drawn);
}
const selected = () => Math.min(+(state.at ?? 0), rows.length - 1);
function select(at) {
  if (at < 0 || at >= rows.length) return;
  active = 0;
  history.replaceState(null, "", `#${new URLSearchParams({ ...state, at })}`);
  read();
  const list = byId("list"), top = at * HEIGHT * factor();
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + HEIGHT > list.scrollTop + list.clientHeight) list.scrollTop = top + HEIGHT - list.clientHeight;
  list.setAttribute("aria-activedescendant", `row-${at}`);
  draw();
}
function sentenceRow(s) {
  const found = findingsOf(s), worst = SEVERITIES.find((severity) => found.some((f) => F.severity[f] === severity));
  const version = textOf(S.doc[s], S.start[s], S.end[s]), original = textOf(S.original[s], S.original_start[s], S.original_end[s]);
  return make("div", { class: "row" },
    make("span", { class: `badge ${worst ?? ""}` }, S.fidelity[s] === null ? "–" : S.fidelity[s].toFixed(1)),
    version === null ? make("p", { class: "gap" }, "(not in the version)") : make("p", language(S.back[s] === null ? S.lang[s] : "en"), S.back[s] ?? version),
    original === null ? make("p", { class: "gap" }, S.original[s] === null ? "(no original)" : "(not in the original)") : make("p", language(langOfOriginal(s)), original),
    make("span", { class: "at" }, [D.doc[S.doc[s]], S.reason[s] ?? S.alignment[s], S.crossing[s] ? "crossing" : null, ...new Set(found.map((f) => R.rule[F.rule_number[f]]))].filter(Boolean).join(" · ")));
}
const langOfOriginal = (s) => (S.original[s] === null ? null : D.lang[S.original[s]]);
function findingRow(f) {
  return make("div", { class: "row finding" },
    make("span", { class: `badge ${F.severity[f]}` }, F.severity[f]),
    evidenceOf(f) ? make("p", language(F.lang[f] ?? D.lang[F.doc[f]]), evidenceOf(f)) : null,
    make("p", { class: "gap", dir: "auto" }, F.message[f]),
    make("span", { class: "at" }, [`${R.code[F.rule_number[f]]} ${R.rule[F.rule_number[f]]}`, `${D.doc[F.doc[f]]}:${F.line[f]}:${F.column[f]}`, verdictOf(f) ? `judged ${SAID[verdictOf(f)]}` : null, F.suppressed[f] ? "suppressed" : null].filter(Boolean).join(" · ")));
}

// The detail of the selected row.
let active = 0;
const atHand = () => (rows.length === 0 ? [] : state.view === "findings" ? [rows[selected()]] : findingsOf(rows[selected()]));
function detail() {
  const place = byId("detail");
  if (rows.length === 0) return place.replaceChildren(make("p", { class: "gap" }, "Nothing fits these filters."));
  const s = state.view === "sentences" ? rows[selected()] : sentenceOf(rows[selected()]);
  const parts = s === null ? context(rows[selected()]) : pair(s);
  const told = atHand().map((f, at) => finding(f, at === active));
  place.replaceChildren(...parts, make("h2", {}, told.length ? "Findings" : "No findings"), ...told);
  return undefined;
}
const pairsOf = new Map();
function sentenceOf(f) {
  if (pairsOf.size === 0) S.doc.forEach((_, s) => findingsOf(s).forEach((found) => { if (!pairsOf.has(found)) pairsOf.set(found, s); }));
  return pairsOf.get(f) ?? null;
}
function context(f) {
  const doc = F.doc[f], from = Math.max(F.start[f] - 200, 0), to = F.end[f] + 200;
  return [make("h2", {}, D.doc[doc]), opens(doc), make("p", { class: "text", ...language(D.lang[doc]) }, ...marked(doc, from, to, [f]))];
}
const opens = (doc) => make("button", { onclick: () => go({ view: "page", doc: D.doc[doc] }, false) }, "open the page (d)");
function pair(s) {
  const here = findingsOf(s), version = textOf(S.doc[s], S.start[s], S.end[s]), original = textOf(S.original[s], S.original_start[s], S.original_end[s]);
  const english = S.back[s] ?? version, parts = [];
  const score = [S.fidelity[s] === null ? `unscored: ${S.reason[s] ?? ""}` : `fidelity ${S.fidelity[s].toFixed(1)}`, S.alignment[s], S.crossing[s] ? "crossing" : null, S.similarity[s] === null ? null : `similarity ${S.similarity[s].toFixed(2)}`];
  parts.push(make("p", {}, make("strong", {}, score.filter(Boolean).join(" · ")), " ", opens(S.doc[s])), ...made(s));
  parts.push(make("h2", {}, `Version: ${D.doc[S.doc[s]]}${S.n[s] === null ? "" : `#${S.n[s]}`}`));
  parts.push(version === null ? make("p", { class: "gap" }, "not in the version") : make("p", { class: "text", ...language(S.lang[s]) }, ...marked(S.doc[s], S.start[s], S.end[s], here)));
  if (S.back[s] !== null) parts.push(make("h2", {}, "Back-translation"), make("p", { class: "text", ...language("en") }, ...traced(s, here)));
  parts.push(make("h2", {}, S.original[s] === null ? "Original" : `Original: ${D.doc[S.original[s]]}`));
  parts.push(original === null ? make("p", { class: "gap" }, S.original[s] === null ? "no original found" : "not in the original") : make("p", { class: "text", ...language(langOfOriginal(s)) }, ...marked(S.original[s], S.original_start[s], S.original_end[s], here, true)));
  if (english !== null && original !== null) parts.push(make("h2", {}, "Difference: original struck out, version underlined"), make("p", { class: "text", ...language("en") }, ...difference(original, english)));
  return parts;
}
// What a fidelity is made of: likeness, by its components, less what the facts that differ took; and what the engine leaves.
function made(s) {
  if (S.fidelity[s] === null) return [];
  const said = [["likeness", S.likeness[s], 1], ["words", S.words[s], 2], ["order", S.order[s], 2], ["fluency", S.fluency[s], 1]].filter(([, value]) => value !== null).map(([name, value, places]) => `${name} ${value.toFixed(places)}`);
  if (S.likeness[s] !== null) said.push(`taken by facts ${Math.max(S.likeness[s] - S.fidelity[s], 0).toFixed(1)}`);
  if (S.ceiling[s] !== null) said.push(`ceiling ${S.ceiling[s].toFixed(1)}, ${apart(S.fidelity[s] - S.ceiling[s])}`);
  return said.length ? [make("p", { class: "gap made" }, said.join(" · "))] : [];
}
const apart = (more) => (Math.abs(more) < 0.05 ? "reached" : `${Math.abs(more).toFixed(1)} ${more < 0 ? "below" : "above"} it`);
function finding(f, current) {
  const rule = F.rule_number[f];
  const buttons = Object.entries(VERDICTS).map(([key, verdict]) => make("button", { "aria-pressed": String(verdictOf(f) === verdict), onclick: () => judge(f, verdict) }, `${key} ${SAID[verdict]}`));
  return make("div", { class: "said", "aria-current": current ? "true" : null },
    make("p", {}, make("strong", { class: F.severity[f] }, `${R.code[rule]} ${R.rule[rule]} (${F.severity[f]})`), ` ${D.doc[F.doc[f]]}:${F.line[f]}:${F.column[f]}`),
    make("p", { dir: "auto" }, F.message[f]),
    F.suppressed[f] ? make("p", { class: "gap" }, `suppressed: ${F.suppressed[f]}`) : null,
    F.pivot[f] ? make("p", { class: "gap" }, `through ${F.pivot[f]}`) : null,
    make("div", { class: "verdict" }, ...buttons));
}

// Marks: the text cut wherever a finding begins or ends; a piece has the class of the worst finding that covers it.
function marked(doc, from, to, found, original = false) {
  const spans = found.map((f) => ({ f, start: original ? F.original_start[f] : F.start[f], end: original ? F.original_end[f] : F.end[f], doc: original ? F.original[f] : F.doc[f] }))
    .filter((span) => span.doc === doc && span.start !== null && span.start < to && span.end > from);
  return cut(D.text[doc] ?? "", from, to, spans, original ? () => false : (f) => F.whole[f]);
}
// What the findings say stands in the back-translation, where it does: of the sentence on the page they only know that it is there.
const traced = (s, found) => cut(S.back[s] ?? "", 0, (S.back[s] ?? "").length, found.flatMap((f) => (F.traces[f] ?? []).map(([start, end]) => ({ f, start, end }))));
function cut(text, from, to, spans, whole = () => false) {
  const end = Math.min(to, text.length), cuts = [...new Set([from, end, ...spans.flatMap((span) => [span.start, span.end])])].filter((at) => at >= from && at <= end).sort((a, b) => a - b);
  const pieces = [];
  for (let at = 0; at + 1 < cuts.length; at++) {
    const piece = text.slice(cuts[at], cuts[at + 1]);
    const over = spans.filter((span) => span.start <= cuts[at] && span.end >= cuts[at + 1]).map((span) => span.f);
    if (over.length === 0) { pieces.push(piece); continue; }
    const worst = SEVERITIES.find((severity) => over.some((f) => F.severity[f] === severity));
    const title = over.map((f) => `${R.code[F.rule_number[f]]} ${R.rule[F.rule_number[f]]}: ${F.message[f]}`).join("\n");
    pieces.push(make("mark", { class: worst + (over.every((f) => F.suppressed[f]) ? " suppressed" : "") + (over.every(whole) ? " whole" : ""), title }, piece));
  }
  return pieces;
}

// Longest common subsequence of words, of texts of bounded length.
const words = (text) => text.match(/[\p{L}\p{M}\p{N}]+|\s+|[^\p{L}\p{M}\p{N}\s]/gu) ?? [];
function difference(original, english) {
  const a = words(original), b = words(english);
  if (a.length * b.length > 4e6) return ["(too long to compare here)"];
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const same = (i, j) => a[i].toLowerCase() === b[j].toLowerCase();
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) lengths[i][j] = same(i, j) ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
  const parts = [];
  const put = (tag, word) => { if (parts.length && parts.at(-1)[0] === tag) parts.at(-1)[1] += word; else parts.push([tag, word]); };
  let i = 0, j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && same(i, j)) { put(null, b[j]); i++; j++; }
    else if (i < a.length && (j === b.length || lengths[i + 1][j] >= lengths[i][j + 1])) put("del", a[i++]);
    else put("ins", b[j++]);
  }
  return parts.map(([tag, text]) => (tag ? make(tag, {}, text) : text));
}

// The page of a document: its text with every finding marked in place, and its sentences beside the original's.
function openPage() {
  const doc = Math.max(D.doc.indexOf(state.doc ?? ""), 0), found = [];
  F.doc.forEach((of, f) => { if (of === doc) found.push(f); });
  const told = [D.lang[doc], D.role[doc], D.derivation[doc], D.original[doc] === null ? null : D.doc[D.original[doc]], D.pivot[doc] ? `through ${D.pivot[doc]}` : null, D.reason[doc]];
  const head = [make("h2", { dir: "auto" }, D.doc[doc]), make("p", { class: "gap" }, told.filter(Boolean).join(" · "))];
  const text = make("div", { tabindex: 0 }, ...head, make("p", { class: "text", ...language(D.lang[doc]) }, ...marked(doc, 0, D.text[doc]?.length ?? 0, found)));
  const pairs = [];
  S.doc.forEach((of, s) => { if (of === doc && (S.original[s] === null || S.original[s] === D.original[doc])) pairs.push(s); });
  pairs.sort((a, b) => order(a) - order(b));
  byId("count").textContent = `${many(pairs.length, "sentence")}, ${many(found.length, "finding")}`;
  byId("page").replaceChildren(text, make("div", { tabindex: 0 }, make("h2", {}, "Version, back-translation, original"), ...pairs.map(pairRow)));
}
function order(s) {
  return S.start[s] ?? before(S.doc[s], S.original_start[s]) + 0.5;
}
const reached = new Map();
function before(doc, at) {
  if (!reached.has(doc)) reached.set(doc, S.doc.map((of, s) => s).filter((s) => S.doc[s] === doc && S.start[s] !== null && S.original_start[s] !== null && !S.crossing[s]));
  return reached.get(doc).reduce((last, s) => (S.original_start[s] < at && S.original[s] === D.original[doc] ? Math.max(last, S.start[s]) : last), -1);
}
function pairRow(s) {
  const version = textOf(S.doc[s], S.start[s], S.end[s]), original = textOf(S.original[s], S.original_start[s], S.original_end[s]), here = findingsOf(s);
  const worst = SEVERITIES.find((severity) => here.some((f) => F.severity[f] === severity));
  return make("div", { class: "pair" },
    make("span", { class: `badge ${worst ?? ""}` }, S.fidelity[s] === null ? "–" : S.fidelity[s].toFixed(1)),
    version === null ? make("p", { class: "text gap" }, "not in the version") : make("p", { class: "text", ...language(S.lang[s]) }, ...marked(S.doc[s], S.start[s], S.end[s], here)),
    make("p", { class: "text", ...language("en") }, ...traced(s, here)),
    original === null ? make("p", { class: "text gap" }, S.reason[s] ?? "not in the original") : make("p", { class: "text", ...language(langOfOriginal(s)) }, ...marked(S.original[s], S.original_start[s], S.original_end[s], here, true)));
}

// Drawing.
function options(name, label, values, all = "all") {
  const known = values.map((value) => (Array.isArray(value) ? value : [value, value]));
  const choice = make("select", { id: name, onchange: (event) => go({ [name]: event.target.value, at: null }) }, make("option", { value: "" }, all), ...known.map(([value, text]) => make("option", { value }, text)));
  return make("label", {}, label, choice);
}
function build() {
  const nav = byId("views");
  nav.hidden = false;
  for (const [view, name] of Object.entries(VIEWS)) nav.append(make("button", { id: `view-${view}`, onclick: () => go({ view, at: null }) }, name));
  nav.append(make("button", { onclick: download }, "Export verdicts"), make("button", { onclick: () => byId("help").showModal(), "aria-label": "help" }, "?"));
  const number = (name, label) => make("label", {}, label, make("input", { id: name, type: "number", min: 0, max: 100, onchange: (event) => go({ [name]: event.target.value, at: null }) }));
  const search = make("input", { id: "q", type: "search", placeholder: "search (/)", "aria-label": "search", oninput: (event) => { clearTimeout(build.timer); build.timer = setTimeout(() => go({ q: event.target.value, at: null }), 150); } });
  const langs = [...new Set(D.lang.filter(Boolean))].sort(), used = [...new Set(F.rule_number)].sort((a, b) => a - b);
  const filters = make("form", { id: "filters", role: "search", onsubmit: (event) => event.preventDefault() }, search,
    options("doc", "document", D.doc), options("lang", "language", langs), options("rule", "rule", used.map((rule) => [R.rule[rule], `${R.code[rule]} ${R.rule[rule]}`])), options("severity", "severity", SEVERITIES),
    options("status", "status", ["scored", "unscored", "omission", "addition", "suppressed"]), options("verdict", "verdict", ["none", ...Object.entries(SAID)]), number("min", "fidelity from"), number("max", "to"),
    options("sort", "order", [["page", "as on the page"]], "worst first"), make("span", { id: "count", role: "status" }));
  const list = make("div", { id: "list", role: "listbox", tabindex: 0, "aria-label": "rows", onscroll: () => requestAnimationFrame(sketch) }, make("div", { class: "room" }));
  byId("work").append(filters, list, make("section", { id: "detail", "aria-label": "selected row", tabindex: 0 }), make("section", { id: "page", hidden: true }));
  const keys = [["j, k", "next, previous row"], ["1, 2, 3", "the finding is true, false, or won’t be fixed"], ["n", "next finding of the row"], ["d", "open the page"], ["/", "search"], ["Esc", "empty the search, close"]];
  byId("help").append(make("h2", {}, "Keys"), make("dl", {}, ...keys.flatMap(([key, what]) => [make("dt", {}, key), make("dd", {}, what)])),
    make("p", {}, "Verdicts stay in this browser until you export them; the next audit reads the file: checker audit … --verdicts verdicts.jsonl"), make("form", { method: "dialog" }, make("button", {}, "Close")));
  for (const row of document.querySelectorAll("tr[data-name]")) {
    const name = row.dataset.name, cell = row.firstElementChild, rule = R.rule.includes(name) && !D.doc.includes(name);
    cell.replaceChildren(make("button", { onclick: () => go(rule ? { view: "findings", rule: name } : { view: "sentences", doc: name }, false) }, cell.textContent));
  }
}
function show() {
  const listed = state.view === "sentences" || state.view === "findings";
  for (const view of Object.keys(VIEWS)) byId(`view-${view}`).toggleAttribute("aria-current", view === state.view);
  byId("overview").hidden = state.view !== "overview";
  byId("work").hidden = state.view === "overview";
  for (const id of ["list", "detail"]) byId(id).hidden = !listed;
  byId("page").hidden = state.view !== "page";
  for (const name of FILTERS) { const field = byId(name); if (field !== document.activeElement || field.tagName === "SELECT") field.value = state[name] ?? ""; field.closest("label")?.toggleAttribute("hidden", state.view === "page" && name !== "doc"); }
  byId("q").hidden = state.view === "page";
  if (state.view === "page") return openPage();
  if (!listed) return undefined;
  rows = chosen();
  byId("count").textContent = `${rows.length.toLocaleString("en")} of ${(state.view === "findings" ? F.doc : S.doc).length.toLocaleString("en")}`;
  const room = byId("list").firstElementChild;
  room.style.height = `${rows.length * HEIGHT * factor()}px`;
  byId("list").scrollTop = Math.max(selected() - 2, 0) * HEIGHT * factor();
  active = 0;
  return draw();
}
function draw() { if (state.view === "page") return; sketch(); detail(); }
addEventListener("hashchange", () => { read(); show(); });
addEventListener("resize", () => { if (!byId("list").hidden) sketch(); });
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === "Escape" && typing) {
    if (event.target.id === "q" && event.target.value) { // browsers empty the box, some without a word to the page
      event.preventDefault();
      clearTimeout(build.timer);
      event.target.value = "";
      go({ q: "", at: null });
    }
    return event.target.blur();
  }
  if (typing) return undefined;
  const at = selected(), found = atHand(), listed = state.view === "sentences" || state.view === "findings";
  if (event.key === "?") byId("help").showModal();
  else if (event.key === "/") { if (!listed) go({ view: "sentences" }); byId("q").focus(); }
  else if (!listed) return undefined;
  else if (event.key === "j" || event.key === "ArrowDown") select(at + 1);
  else if (event.key === "k" || event.key === "ArrowUp") select(at - 1);
  else if (event.key === "n" && found.length) { active = (active + 1) % found.length; draw(); }
  else if (event.key === "d" && rows.length) go({ view: "page", doc: D.doc[(state.view === "findings" ? F : S).doc[rows[at]]] }, false);
  else if (event.key in VERDICTS && found.length) judge(found[active], VERDICTS[event.key]);
  else return undefined;
  return event.preventDefault();
});
read();
build();
show();
