// What can be done with one row: a menu at its end, and a line that says what was done.
import { useEffect, useLayoutEffect, useRef } from "react";
import { Link } from "react-router";
import * as desk from "./desk.js";
import { eventOf } from "./order.js";
import { opens } from "./cells.jsx";
import { fill, here, odds, returned } from "./text.js";

const STAYS_MS = 10_000;
const EDGE_PX = 8;

export const nameOf = (row) => `${row.home} v ${row.away}`;

const asText = (row) =>
  [`${nameOf(row)} · ${row.market} · ${returned(row)}`, ...row.legs.map((leg) => `${odds(leg)}  ${leg.outcome}  @ ${leg.book}`), opens(row) && `${location.origin}${here(`/board/${row.id}`)}`].filter(Boolean).join("\n");

// Where a page has no clipboard, for it came without TLS, a selection is copied as of old.
const copy = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("not copied");
};

export const copied = (text, said, words) => copy(text).then(() => desk.tell(said), () => desk.tell(words["copy.failed"]));

export const acts = {
  copy: (row, words) => copied(asText(row), fill(words["copy.done"], { event: nameOf(row) }), words),
  pin: (row, words) => desk.pin(row.key, nameOf(row), fill(words[desk.pinned(row.key) ? "pin.off" : "pin.on"], { event: nameOf(row) })),
  row: (row, words) => hide("row", row.key, `${nameOf(row)}, ${row.market}`, words),
  event: (row, words) => hide("event", eventOf(row), nameOf(row), words),
  book: (leg, words) => hide("book", leg.book_key, leg.book, words),
};
const hide = (what, key, label, words) => desk.hide(what, key, label, fill(words["hidden.done"], { label }));

export const Menu = ({ menu, words, onClose }) => {
  const box = useRef(null);
  useLayoutEffect(() => {
    if (!menu) return;
    const { style, offsetWidth, offsetHeight } = (box.current.showPopover(), box.current);
    const { bottom, right, top } = menu.button.getBoundingClientRect();
    const below = bottom + offsetHeight + EDGE_PX < innerHeight;
    style.left = `${Math.max(EDGE_PX, right - offsetWidth)}px`;
    style.top = `${scrollY + (below ? bottom : Math.max(EDGE_PX, top - offsetHeight))}px`;
    box.current.querySelector("a, button").focus({ preventScroll: true });
  }, [menu]);
  const books = [...new Map((menu?.row.legs ?? []).filter((leg) => leg.book_key).map((leg) => [leg.book_key, leg])).values()];
  const does = (act, of) => () => (box.current.hidePopover(), act(of, words));
  return (
    <div ref={box} popover="auto" className="board-menu" role="group" aria-label={words.menu} onToggle={(event) => event.newState === "closed" && onClose()}>
      {menu && (
        <>
          {opens(menu.row) && <Link to={here(`/board/${menu.row.id}`)}>{words["menu.open"]}</Link>}
          <button type="button" onClick={does(acts.pin, menu.row)}>{words[desk.pinned(menu.row.key) ? "menu.unpin" : "menu.pin"]}</button>
          <button type="button" onClick={does(acts.copy, menu.row)}>{words["menu.copy"]}</button>
          <button type="button" onClick={does(acts.row, menu.row)}>{words["menu.hide.row"]}</button>
          <button type="button" onClick={does(acts.event, menu.row)}>{words["menu.hide.event"]}</button>
          {books.map((leg) => <button key={leg.book_key} type="button" onClick={does(acts.book, leg)}>{fill(words["menu.hide.book"], { book: leg.book })}</button>)}
        </>
      )}
    </div>
  );
};

// What was just done, and the way back; a reader of screens hears it.
export const Done = ({ undo, words }) => {
  useEffect(() => {
    if (!undo) return;
    const timer = setTimeout(desk.dismiss, STAYS_MS);
    return () => clearTimeout(timer);
  }, [undo]);
  return (
    <div className="board-done" data-on={undo ? "" : undefined}>
      <span role="status">{undo?.said}</span>
      {undo?.hidden && <button type="button" className="board-link" onClick={desk.undo}>{words.undo}</button>}
      {undo && <button type="button" className="board-small" aria-label={words.dismiss} onClick={desk.dismiss}>×</button>}
    </div>
  );
};
