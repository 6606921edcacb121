// The live board on the page: rows as the reader has arranged them, and what stands there without.
import { useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import * as desk from "./desk.js";
import { Help, useKeys } from "./keys.jsx";
import { Done, Menu } from "./menu.jsx";
import { tune, useNews } from "./news.js";
import { dependsOnTime, hider, kindOf, matcher, ordering, sorted } from "./order.js";
import { FilterPanel } from "./panel_filters.jsx";
import { DisplayPanel, HiddenPanel, ViewsPanel } from "./panels.jsx";
import { Feeding, Refused, Why } from "./refused.jsx";
import { Rows } from "./rows.jsx";
import { board, committed, forget, hold, instant, restore, take, tick, useBoard, useSince, useTick } from "./store.js";
import { age, count, fill } from "./text.js";
import { Narrowed, Tools } from "./tools.jsx";

const STALE_AFTER_S = 10;
const SNAPSHOT_EVERY_MS = 1_000;
const HOLD_MS = 3_000;

let seen = null; // the last message taken in: a page opened again is handed it once more

// What a page gives anew each time it is drawn, though it says the same.
const useStable = (given) => {
  const kept = useRef(given);
  const said = JSON.stringify(given);
  const before = useRef(said);
  if (before.current !== said) [kept.current, before.current] = [given, said];
  return kept.current;
};

// One clock for every age on the page, and the messages that the page is handed.
const useChannel = (message, onGap, onLeave) => {
  const asked = useRef(0);
  useLayoutEffect(() => {
    if (!message?.kind || message === seen) return;
    seen = message;
    if (take(message) || Date.now() - asked.current < SNAPSHOT_EVERY_MS) return;
    asked.current = Date.now();
    onGap();
  }, [message]);
  useEffect(() => {
    const clock = setInterval(tick, 1_000);
    return () => (clearInterval(clock), forget(), onLeave());
  }, []);
};

// While the reader's hand is on the rows they keep their places.
const useHeld = () => {
  const [held, setHeld] = useState(false);
  const timer = useRef();
  const release = useCallback(() => (clearTimeout(timer.current), setHeld(false)), []);
  const touch = useCallback(() => (clearTimeout(timer.current), setHeld(true), (timer.current = setTimeout(release, HOLD_MS))), []);
  useEffect(() => hold(held), [held]);
  useEffect(() => () => (clearTimeout(timer.current), hold(false)), []);
  return [held, useMemo(() => ({ onPointerMove: touch, onPointerLeave: release }), [])];
};

// Every row of the page's kinds, and those of them that the view shows, in its order.
const useRows = (setup, view, order, hidden, pinned, held) => {
  const version = useBoard();
  const passing = useTick(dependsOnTime(setup.filters, view));
  const places = useRef(new Map());
  useMemo(() => places.current.clear(), [view, order, hidden, pinned]); // what the reader asks for is done at once
  const all = useMemo(() => [...board.entries.values()].filter(({ row }) => setup.kinds.includes(kindOf(row))), [version, setup]);
  const rows = useMemo(() => {
    const [matches, away] = [matcher(setup.filters, view, instant()), hider(hidden)];
    const found = all.filter((one) => matches(one) && !away(one));
    const place = (one) => places.current.get(one.row.id) ?? Infinity;
    const compare = ordering(order, pinned);
    found.sort(held ? (a, b) => (place(a) === place(b) ? compare(a, b) : place(a) - place(b)) : compare);
    places.current = new Map(found.map((one, index) => [one.row.id, index]));
    return found;
  }, [all, setup, view, order, hidden, pinned, held, passing]);
  useLayoutEffect(committed, [version]);
  return [all, rows];
};

// How the board stands; one that was never heard of is late, too, once the wait has been as long.
const useCondition = (connected) => {
  const [openedMs] = useState(Date.now);
  const seconds = useSince(board.publishedMs ?? openedMs);
  if (!connected) return "lost";
  if (seconds > STALE_AFTER_S) return "stale";
  return board.epoch === null ? "waiting" : "live";
};

const BoardAge = () => useSince(board.publishedMs) ?? "–";

const Summary = ({ condition, total, shown, words }) => (
  <p className="board-summary">
    <span className="board-condition" data-condition={condition}>{words[condition]}</span>
    <span><strong className="board-count-large" data-testid="board-count">{count(total)}</strong> {total === 1 ? words.one : words.many}</span>
    {shown < total && <span data-testid="board-shown">{fill(words.shown, { shown: count(shown), total: count(total) })}</span>}
    <span className="muted">{words.checked} <span data-testid="board-age"><BoardAge /></span> {words.seconds_ago}</span>
  </p>
);

// In large letters how old a board is that is read without a network.
const KeptAge = ({ words }) => {
  const seconds = useSince(board.publishedMs);
  return (
    <p className="board-kept" data-testid="board-kept">
      {seconds === null ? words.kept_none : <>{words.kept} <strong>{age(seconds)}</strong></>}
    </p>
  );
};

const NoMatch = ({ hidden, words }) => (
  <div className="card empty board-no-match">
    <h2>{words.no_match}</h2>
    <p>{words["no_match.text"]}</p>
    <div className="buttons">
      <button type="button" className="button button-quiet" onClick={desk.clear}>{words["filters.clear"]}</button>
      {hidden.length > 0 && <button type="button" className="button button-quiet" onClick={desk.giveAllBack}>{words["hidden.all"]}</button>}
    </div>
  </div>
);

const live = (rows) => rows.reduce((many, { gone }) => many + !gone, 0);

const columnsOf = (setup, view) => (view.columns ? view.columns.map((name) => setup.columns.find(({ key }) => key === name)) : setup.columns.filter(({ shown }) => shown));

const Panel = ({ name, ...given }) => {
  if (name === "filters") return <FilterPanel {...given} />;
  if (name === "display") return <DisplayPanel {...given} onSound={(on) => on && tune()} />;
  return name === "views" ? <ViewsPanel {...given} /> : <HiddenPanel {...given} />;
};

export function LiveGrid({ message, connected, onGap, onLeave, waiting, stale, lost, empty, ...given }) {
  useChannel(message, onGap, onLeave);
  const setup = useStable(given);
  const { words, kept, page } = setup;
  useLayoutEffect(() => desk.open(page, setup), [page, setup]);
  useEffect(() => void (kept && board.epoch === null && restore()), []);
  const { view, hidden, pins, options, undo } = desk.useDesk();
  const [held, holding] = useHeld();
  const order = useMemo(() => (view.sort.length > 0 ? view.sort : [setup.sorts[0].key]), [view.sort, setup]);
  const pinned = useMemo(() => new Set(pins.map(({ key }) => key)), [pins]);
  const columns = useMemo(() => columnsOf(setup, view), [view.columns, setup]);
  const [all, rows] = useRows(setup, view, order, hidden, pinned, held);
  const condition = useCondition(connected);
  const [total, shown] = [live(all), live(rows)];
  useNews(all, rows, options);

  const [open, setOpen] = useState(null);
  const [menu, setMenu] = useState(null);
  const [panel, search, help, handle] = [useId(), useRef(null), useRef(null), useRef(null)];
  const onHelp = () => help.current.showModal();
  const onEscape = () => (open ? (setOpen(null), true) : document.activeElement === search.current && (search.current.blur(), true));
  useKeys({ on: options.keys, handle, search, words, onHelp, onEscape });
  const onMenu = useCallback((row, button) => setMenu({ row, button }), []);
  const onSort = useCallback((key, besides) => desk.look({ sort: sorted(order, key, besides) }), [order]);

  const known = board.epoch !== null;
  const locks = setup.kinds.includes("arbitrage");
  const doorless = open === "hidden" && hidden.length === 0;
  return (
    <div className="board" data-condition={condition} data-seq={board.seq} data-locks={locks || undefined}>
      {kept && <KeptAge words={words} />}
      {!kept && condition === "lost" && lost}
      {!kept && condition === "stale" && stale}
      <Summary {...{ condition, total, shown, words }} />
      <Tools {...{ setup, view, order, hidden, open, setOpen, panel, search, onHelp }} />
      {open && !doorless && (
        <section id={panel} className="card board-panel" aria-label={words[open]}>
          <Panel name={open} {...{ setup, view, columns, order, options, hidden, words, shown }} rows={all} onClose={() => setOpen(null)} />
        </section>
      )}
      <Narrowed {...{ setup, view, words }} rows={all} />
      <Feeding />
      {!known && !kept && waiting}
      {known && total === 0 && rows.length === 0 && <>{empty}{locks && <Why words={words} />}</>}
      {known && total > 0 && rows.length === 0 && <NoMatch hidden={hidden} words={words} />}
      {rows.length > 0 && <Rows {...{ rows, columns, words, order, pinned, view, onSort, onMenu, holding, handle }} />}
      {known && locks && <Refused words={words} />}
      <Menu menu={menu} words={words} onClose={() => setMenu(null)} />
      <Done undo={undo} words={words} />
      <Help box={help} words={words} />
    </div>
  );
}
