// Above the rows: search, order, what the view leaves out, and the doors to the panels.
import * as desk from "./desk.js";
import { sorted } from "./order.js";
import { FILTERS, labelsOf, listed } from "./panel_filters.jsx";
import { count, fill } from "./text.js";
import { bare } from "./view.js";

export const Icon = ({ d }) => (
  <svg viewBox="0 0 24 24" className="icon" aria-hidden="true">{[d].flat().map((path) => <path key={path} d={path} />)}</svg>
);

const DRAWN = {
  filters: ["M4 6h16", "M7 12h10", "M10 18h4"],
  display: ["M4 5h16v14H4z", "M10 5v14", "M15 5v14"],
  views: ["M6 4h12v16l-6-4-6 4z"],
  hidden: ["M4 4l16 16", "M9 5.6A9.6 9.6 0 0 1 12 5c5 0 8 4 9.5 7a16 16 0 0 1-2.7 3.7", "M6 7.6C4.300 9 3.200 10.600 2.500 12c1.500 3 4.500 7 9.500 7 1.700 0 3.200-.5 4.500-1.200"],
  help: ["M9.500 9a2.600 2.600 0 1 1 3.700 2.400c-.8.4-1.200 1-1.200 2", "M12 17v.1", "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z"],
};

const Door = ({ name, label, number, open, setOpen, panel }) => (
  <button type="button" className="board-tool" aria-expanded={open === name} aria-controls={open === name ? panel : undefined} onClick={() => setOpen(open === name ? null : name)}>
    <Icon d={DRAWN[name]} /> <span>{label}</span> {number > 0 && <span className="board-tool-number">{number}</span>}
  </button>
);

const Sorts = ({ sorts, order, words, onSort }) => (
  <div className="board-sorts" role="group" aria-label={words.sort}>
    {sorts.map(({ key, label }) => {
      const place = order.findIndex((each) => bare(each) === key);
      return (
        <button key={key} type="button" aria-pressed={place >= 0} title={words["sort.how"]} onClick={(event) => onSort(key, event.shiftKey)}>
          {label}
          {place >= 0 && order[place].startsWith("-") && <span aria-label={words["sort.turned"]}> ⇅</span>}
          {place >= 0 && order.length > 1 && <sup>{place + 1}</sup>}
        </button>
      );
    })}
  </div>
);

export const Tools = ({ setup, view, order, hidden, open, setOpen, panel, search, onHelp }) => {
  const { words, sorts, kept } = setup;
  const doors = { setOpen, open, panel };
  return (
    <div className="board-tools" role="search">
      <input ref={search} className="board-search" type="search" value={view.q} placeholder={words.filter} aria-label={words.filter} onChange={(event) => desk.look({ q: event.target.value })} />
      <div className="board-doors">
        {FILTERS(setup).length > 0 && <Door name="filters" label={words.filters} number={Object.keys(view.filters).length} {...doors} />}
        <Door name="display" label={words.display} {...doors} />
        {!kept && <Door name="views" label={words.views} number={desk.saved().length} {...doors} />}
        {hidden.length > 0 && <Door name="hidden" label={words.hidden} number={hidden.length} {...doors} />}
        <button type="button" className="board-tool board-tool-help" aria-label={words.help} title={words.help} onClick={onHelp}><Icon d={DRAWN.help} /></button>
      </div>
      <Sorts {...{ sorts: sorts.filter(({ quick }) => quick), order, words }} onSort={(key, besides) => desk.look({ sort: sorted(order, key, besides) })} />
    </div>
  );
};

const said = (filter, value, labels, words) => {
  if (listed(filter.kind)) return value.map((each) => labels.get(each)?.label ?? each).join(", ");
  if (filter.kind === "either") return words[value];
  if (filter.kind === "flag") return "";
  return `${filter.kind === "least" ? "≥" : "≤"} ${count(value)} ${filter.unit}`.trim();
};

// What narrows the view, each to be taken off by itself.
export const Narrowed = ({ setup, view, rows, words }) => {
  const set = setup.filters.filter(({ key }) => view.filters[key] !== undefined);
  if (set.length === 0) return null;
  return (
    <ul className="board-narrowed" aria-label={words["filters.set"]}>
      {set.map((filter) => {
        const value = said(filter, view.filters[filter.key], labelsOf(filter, rows, words), words);
        const text = value ? `${filter.label}: ${value}` : filter.label;
        return (
          <li key={filter.key}>
            <button type="button" className="board-off" aria-label={fill(words["filters.off"], { filter: text })} onClick={() => desk.filterBy(filter.key)}>
              <span>{text}</span> <span aria-hidden="true">×</span>
            </button>
          </li>
        );
      })}
      <li><button type="button" className="board-link" onClick={desk.clear}>{words["filters.clear"]}</button></li>
    </ul>
  );
};
