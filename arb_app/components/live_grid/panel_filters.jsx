// The panel of filters: what each is comes from the page, which values there are from the rows.
import { useEffect, useState } from "react";
import * as desk from "./desk.js";
import { figure } from "./order.js";
import { instant } from "./store.js";
import { count, fill } from "./text.js";

const MANY = 12;
const named = {
  sport: ({ row }) => [row.sport],
  league: ({ row }) => [row.league],
  book: ({ row }) => row.legs.map((leg) => leg.book),
};

export const listed = (kind) => kind === "choice" || kind === "every";

// The values of a filter that rows have: by code, the name and in how many rows it is.
export const labelsOf = (filter, rows, words) => {
  const found = new Map();
  for (const one of listed(filter.kind) ? rows : []) {
    const names = named[filter.of]?.(one);
    (figure(filter, one, 0) ?? []).forEach((code, place) => {
      if (code === undefined) return;
      const known = found.get(code);
      if (known) known.rows += 1;
      else found.set(code, { code, label: names?.[place] ?? words[`${filter.of}.${code}`] ?? code, rows: 1 });
    });
  }
  return found;
};

// A page of one kind of bet does not ask for the kind.
export const FILTERS = ({ filters, kinds }) => filters.filter(({ of }) => of !== "kind" || kinds.length > 1);

const Choice = ({ filter, chosen = [], rows, words }) => {
  const [said, setSaid] = useState("");
  const found = labelsOf(filter, rows, words);
  for (const code of chosen) if (!found.has(code)) found.set(code, { code, label: words[`${filter.of}.${code}`] ?? code, rows: 0 });
  const options = [...found.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
  if (options.length === 0) return null;
  const turn = (code) => desk.filterBy(filter.key, chosen.includes(code) ? chosen.filter((each) => each !== code) : [...chosen, code]);
  const shown = options.filter(({ label }) => label.toLowerCase().includes(said.toLowerCase()));
  return (
    <fieldset className="board-choice">
      <legend>{filter.label}</legend>
      {filter.help && <p className="field-help">{filter.help}</p>}
      {options.length > MANY && <input className="board-find" type="search" value={said} placeholder={words.find} aria-label={`${words.find}: ${filter.label}`} onChange={(event) => setSaid(event.target.value)} />}
      <div className="board-options">
        {shown.map(({ code, label, rows: many }) => (
          <label key={code} className="board-option">
            <input type="checkbox" checked={chosen.includes(code)} onChange={() => turn(code)} />
            <span>{label}</span> <small aria-hidden="true">{many}</small>
          </label>
        ))}
      </div>
    </fieldset>
  );
};

const parsed = (text) => {
  const number = text.trim() === "" ? NaN : Number(text.replace(",", "."));
  return Number.isFinite(number) ? number : undefined;
};

// What is typed stays as typed; the filter takes what it means.
const Bound = ({ filter, value }) => {
  const [text, setText] = useState(value === undefined ? "" : String(value));
  useEffect(() => {
    if (parsed(text) !== value) setText(value === undefined ? "" : String(value));
  }, [value]);
  const take = (typed) => (setText(typed), desk.filterBy(filter.key, parsed(typed)));
  return (
    <label className="board-bound">
      <span>{filter.label}</span>
      <span className="board-bound-row">
        <input type="text" inputMode="decimal" autoComplete="off" value={text} aria-invalid={(text !== "" && parsed(text) === undefined) || undefined} onChange={(event) => take(event.target.value)} />
        {filter.unit && <span className="muted">{filter.unit}</span>}
      </span>
      {filter.help && <span className="field-help">{filter.help}</span>}
    </label>
  );
};

const Either = ({ filter, value = "", words }) => (
  <label className="board-bound">
    <span>{filter.label}</span>
    <select value={value} onChange={(event) => desk.filterBy(filter.key, event.target.value || undefined)}>
      <option value="">{words.any}</option>
      <option value="yes">{words.yes}</option>
      <option value="no">{words.no}</option>
    </select>
  </label>
);

const Flag = ({ filter, value }) => (
  <label className="check">
    <input type="checkbox" checked={value === true} onChange={(event) => desk.filterBy(filter.key, event.target.checked || undefined)} />
    <span>{filter.label}</span>
  </label>
);

// A filter of what no row says is not offered, unless it is set.
const speaks = (filter, rows, view) => view.filters[filter.key] !== undefined || rows.some((one) => figure(filter, one, instant()) !== undefined);

export const FilterPanel = ({ setup, view, rows, shown, words, onClose }) => {
  const filters = FILTERS(setup).filter((filter) => speaks(filter, rows, view));
  const of = (kinds) => filters.filter(({ kind }) => kinds.includes(kind));
  return (
    <>
      <div className="board-choices">
        {filters.filter(({ kind }) => listed(kind)).map((filter) => <Choice key={filter.key} {...{ filter, rows, words }} chosen={view.filters[filter.key]} />)}
      </div>
      <div className="board-bounds">
        {of(["least", "most"]).map((filter) => <Bound key={filter.key} filter={filter} value={view.filters[filter.key]} />)}
        {of(["either"]).map((filter) => <Either key={filter.key} filter={filter} value={view.filters[filter.key]} words={words} />)}
        {of(["flag"]).map((filter) => <Flag key={filter.key} filter={filter} value={view.filters[filter.key]} />)}
      </div>
      <div className="board-panel-foot">
        <button type="button" className="board-tool" onClick={desk.clear}>{words["filters.clear"]}</button>
        <button type="button" className="board-tool board-tool-main" onClick={onClose}>{fill(words["filters.show"], { shown: count(shown) })}</button>
      </div>
    </>
  );
};
