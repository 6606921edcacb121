// The table: only rows near the window are in the page, whatever their heights.
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import { Row } from "./cells.jsx";
import { bare } from "./view.js";

const ALL = 60; // so many rows are all in the page
const AROUND = 8;
const NARROW = "(max-width: 62rem)";
const HEADER_PX = 104;
const WIDE = 6; // with more columns than these the table is scrolled sideways
const CARD = { gap: 12, height: (legs) => 112 + 52 * legs };
const LINE = { gap: 0, height: (legs) => Math.max(73, 26 + 25 * legs) };

const narrow = globalThis.matchMedia?.(NARROW);
const watchNarrow = (listener) => {
  narrow.addEventListener("change", listener);
  return () => narrow.removeEventListener("change", listener);
};

// What the columns need at least, in rem, with the gaps between them and the edges.
const breadth = (widths) => widths.reduce((sum, width) => sum + parseFloat(width.replace(/^\D+/, "")) + 1, 2);

// At once: the pages' own smooth way would have rows glide past whenever one is measured.
const scrollTo = (offset, { adjustments = 0 }) => window.scrollTo({ top: offset + adjustments, behavior: "instant" });

// Where the list begins in the document, whatever comes and goes above it.
const useTop = (list) => {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const look = () => setTop(Math.round(list.current.getBoundingClientRect().top + scrollY));
    look();
    const watching = new ResizeObserver(look);
    watching.observe(document.body);
    return () => watching.disconnect();
  }, []);
  return top;
};

// What is being read stays where it is when rows above it come, go or change places: the page moves
// as far as most of the rows in sight did.
const useSteady = (rows, virtual, top, view) => {
  const before = useRef({ spots: new Map(), view });
  useLayoutEffect(() => {
    const { spots, view: viewed } = before.current;
    if (viewed === view && spots.size > 0 && virtual.scrollOffset > top) {
      const moved = [];
      rows.forEach(({ row }, index) => spots.has(row.id) && moved.push(virtual.measurementsCache[index].start - spots.get(row.id)));
      const by = moved.sort((a, b) => a - b)[moved.length >> 1] ?? 0;
      if (Math.abs(by) >= 1) scrollBy({ top: by, behavior: "instant" });
    }
  }, [rows]);
  useLayoutEffect(() => {
    const [from, high] = [virtual.scrollOffset, virtual.scrollRect?.height]; // known without laying out the page
    const seen = virtual.getVirtualItems().filter(({ end }) => end > from && end < from + high);
    before.current = { spots: new Map(seen.map(({ key, start }) => [key, start])), view };
  });
};

// The row that has the reader's attention: it stays in the page, and keys move on from it.
const useActive = (rows, list, virtual, touch, handle) => {
  const [active, setActive] = useState(null);
  const wanted = useRef(null);
  const place = () => rows.findIndex(({ row }) => row.id === active);
  const focus = (index) => {
    const id = rows[index]?.row.id;
    if (!id) return;
    touch();
    wanted.current = id;
    setActive(id);
    virtual.scrollToIndex(index, { align: "auto" });
  };
  useEffect(() => {
    const link = wanted.current && list.current.querySelector(`[data-id="${CSS.escape(wanted.current)}"] :is(a, .board-more)`);
    if (!link) return;
    wanted.current = null;
    link.focus({ preventScroll: true });
  });
  useImperativeHandle(handle, () => ({
    move: (by) => {
      const seen = virtual.getVirtualItems().find(({ start }) => start >= scrollY + HEADER_PX);
      focus(place() < 0 ? (seen?.index ?? 0) : Math.max(0, Math.min(rows.length - 1, place() + by)));
    },
    active: () => rows[place()]?.row,
    leave: () => focus(place() + 1 < rows.length ? place() + 1 : place() - 1),
  }));
  return [place(), (event) => setActive(event.target.closest("[data-id]")?.dataset.id ?? null)];
};

const Head = ({ columns, words, order, onSort }) => (
  <div role="row" aria-rowindex={1} className="board-grid-head">
    {columns.map(({ key, kind, label: name, sort }) => {
      const place = order.findIndex((each) => bare(each) === sort);
      const turned = place >= 0 && order[place].startsWith("-");
      const naturally = sort === "roi" || sort === "newest" || sort === "stake" ? "descending" : "ascending";
      const direction = naturally === "descending" ? (turned ? "ascending" : "descending") : turned ? "descending" : "ascending";
      return (
        <div key={key} role="columnheader" className={`board-cell-${kind}`} aria-sort={place === 0 ? direction : undefined}>
          {sort ? (
            <button type="button" className="board-head-sort" data-on={place >= 0 || undefined} title={words["sort.how"]} onClick={(event) => onSort(sort, event.shiftKey)}>
              {name} {place >= 0 && <span aria-hidden="true">{direction === "ascending" ? "↑" : "↓"}{order.length > 1 && place + 1}</span>}
            </button>
          ) : name}
        </div>
      );
    })}
    <div role="columnheader" className="board-cell-more"><span className="visually-hidden">{words.menu}</span></div>
  </div>
);

export const Rows = memo(function Rows({ rows, columns, words, order, pinned, view, onSort, onMenu, holding, handle }) {
  const list = useRef(null);
  const top = useTop(list);
  const look = useSyncExternalStore(watchNarrow, () => narrow.matches, () => false) ? CARD : LINE;
  const kept = useRef(-1);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    getItemKey: useCallback((index) => rows[index].row.id, [rows]),
    estimateSize: (index) => look.height(rows[index].row.legs.length),
    gap: look.gap,
    overscan: AROUND,
    scrollMargin: top,
    scrollToFn: scrollTo,
    scrollPaddingStart: HEADER_PX,
    scrollPaddingEnd: AROUND,
    rangeExtractor: ({ startIndex, endIndex, overscan, count }) => {
      const [first, last] = count <= ALL ? [0, count - 1] : [Math.max(0, startIndex - overscan), Math.min(count - 1, endIndex + overscan)];
      const range = Array.from({ length: last - first + 1 }, (_, place) => first + place);
      if (kept.current >= 0 && kept.current < first) range.unshift(kept.current);
      if (kept.current > last) range.push(kept.current);
      return range;
    },
  });
  const [active, onFocus] = useActive(rows, list, virtual, holding.onPointerMove, handle);
  kept.current = active;
  useSteady(rows, virtual, top, view);
  useEffect(() => virtual.measure(), [look, columns]);
  const widths = [...columns.map(({ width }) => width), "1.75rem"];
  return (
    <div className="board-grid card" role="table" aria-label={words.table} aria-rowcount={rows.length + 1} data-wide={columns.length > WIDE || undefined} style={{ "--board-columns": widths.join(" "), "--board-width": `${breadth(widths)}rem` }} {...holding}>
      <Head {...{ columns, words, order, onSort }} />
      <div role="rowgroup" ref={list} className="board-rows" style={{ height: virtual.getTotalSize() }} onFocus={onFocus}>
        {virtual.getVirtualItems().filter(({ index }) => index < rows.length).map(({ index, start }) => {
          const shown = rows[index];
          return <Row key={shown.row.id} {...{ shown, columns, words, index, onMenu }} top={start - top} isPinned={pinned.has(shown.row.key)} measure={virtual.measureElement} />;
        })}
      </div>
    </div>
  );
});
