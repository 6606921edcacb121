// The board by keyboard alone, and the dialog that says how.
import { useEffect, useRef } from "react";
import { acts } from "./menu.jsx";

const KEYS = ["j", "k", "enter", "f", "p", "x", "c", "help", "esc"];
const typing = (target) => target.closest("input, textarea, select, [contenteditable], dialog[open], [popover]");

// Keys without a modifier, while nothing is typed; arrows only where a row already has the focus.
export const useKeys = ({ on, handle, search, words, onHelp, onEscape }) => {
  const latest = useRef();
  latest.current = { on, words, onHelp, onEscape };
  useEffect(() => {
    const act = (name) => {
      const row = handle.current?.active();
      if (!row) return false;
      if (name === "row") handle.current.leave();
      acts[name](row, latest.current.words);
      return true;
    };
    const move = (by) => (handle.current ? (handle.current.move(by), true) : false);
    const inRow = (target) => target.closest("[data-id]");
    const does = {
      j: () => move(1),
      k: () => move(-1),
      ArrowDown: (target) => inRow(target) && move(1),
      ArrowUp: (target) => inRow(target) && move(-1),
      f: () => (search.current?.focus(), search.current?.select(), true),
      p: () => act("pin"),
      x: () => act("row"),
      c: () => act("copy"),
      "?": () => (latest.current.onHelp(), true),
      Escape: () => latest.current.onEscape(),
    };
    const press = (event) => {
      const { key, target, ctrlKey, metaKey, altKey, defaultPrevented } = event;
      if (ctrlKey || metaKey || altKey || defaultPrevented || !Object.hasOwn(does, key)) return;
      if (typing(target) && !(key === "Escape" && !target.closest("dialog[open], [popover]"))) return;
      if (!latest.current.on && key.length === 1) return;
      if (does[key](target)) event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
};

export const Help = ({ box, words }) => (
  <dialog ref={box} className="board-help card card-pad" aria-labelledby="board-help-title" onClick={(event) => event.target === box.current && box.current.close()}>
    <h2 id="board-help-title" className="section-title">{words.help}</h2>
    <p className="field-help">{words["help.text"]}</p>
    <dl>
      {KEYS.map((key) => (
        <div key={key}>
          <dt><kbd>{words[`key.${key}`]}</kbd></dt>
          <dd>{words[`key.${key}.does`]}</dd>
        </div>
      ))}
    </dl>
    <button type="button" className="board-tool board-tool-main" onClick={() => box.current.close()}>{words.close}</button>
  </dialog>
);
