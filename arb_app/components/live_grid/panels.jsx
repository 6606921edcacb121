// The panels beneath the tools: columns and order, saved views, and what was put away.
import { useState } from "react";
import * as desk from "./desk.js";
import { copied } from "./menu.jsx";
import { fill } from "./text.js";
import { bare, query, viewOf } from "./view.js";

const moved = (list, from, to) => {
  const others = list.filter((_, place) => place !== from);
  return [...others.slice(0, to), list[from], ...others.slice(to)];
};

const Columns = ({ setup, columns, words }) => {
  const chosen = columns.map(({ key }) => key);
  const others = setup.columns.filter(({ key }) => !chosen.includes(key));
  const take = (list) => desk.look({ columns: list });
  return (
    <fieldset className="board-choice">
      <legend>{words.columns}</legend>
      <ol className="board-columns">
        {[...columns, ...others].map(({ key, label }, place) => {
          const on = chosen.includes(key);
          return (
            <li key={key}>
              <label className="board-option">
                <input type="checkbox" checked={on} disabled={on && chosen.length === 1} onChange={() => take(on ? chosen.filter((each) => each !== key) : [...chosen, key])} />
                <span>{label}</span>
              </label>
              <button type="button" className="board-small" disabled={!on || place === 0} aria-label={fill(words["columns.up"], { column: label })} onClick={() => take(moved(chosen, place, place - 1))}>↑</button>
              <button type="button" className="board-small" disabled={!on || place === chosen.length - 1} aria-label={fill(words["columns.down"], { column: label })} onClick={() => take(moved(chosen, place, place + 1))}>↓</button>
            </li>
          );
        })}
      </ol>
      <button type="button" className="board-link" onClick={() => take(null)}>{words["columns.reset"]}</button>
    </fieldset>
  );
};

const Turn = ({ name, label, words, onTake }) => (
  <label className="check">
    <input type="checkbox" checked={name.startsWith("-")} onChange={(event) => onTake((event.target.checked ? "-" : "") + bare(name))} />
    <span>{fill(words["sort.turn"], { order: label })}</span>
  </label>
);

const Orders = ({ setup, order, words }) => {
  const label = (name) => setup.sorts.find(({ key }) => key === bare(name))?.label;
  const take = (place, name) => desk.look({ sort: order.with(place, name).filter((each, at, all) => all.findIndex((one) => bare(one) === bare(each)) === at) });
  return (
    <fieldset className="board-choice">
      <legend>{words.sort}</legend>
      {order.map((name, place) => (
        <div key={place} className="board-order">
          <select aria-label={place === 0 ? words["sort.first"] : words["sort.then"]} value={bare(name)} onChange={(event) => take(place, event.target.value)}>
            {setup.sorts.map(({ key, label: said }) => <option key={key} value={key}>{said}</option>)}
          </select>
          <Turn {...{ name, words }} label={label(name)} onTake={(turned) => take(place, turned)} />
          {order.length > 1 && <button type="button" className="board-small" aria-label={fill(words["sort.drop"], { order: label(name) })} onClick={() => desk.look({ sort: order.filter((_, at) => at !== place) })}>×</button>}
        </div>
      ))}
      {order.length < setup.sorts.length && (
        <select aria-label={words["sort.then"]} value="" onChange={(event) => event.target.value && desk.look({ sort: [...order, event.target.value] })}>
          <option value="">{words["sort.then"]}</option>
          {setup.sorts.filter(({ key }) => !order.some((name) => bare(name) === key)).map(({ key, label: said }) => <option key={key} value={key}>{said}</option>)}
        </select>
      )}
    </fieldset>
  );
};

const Option = ({ name, options, words, onTurn }) => (
  <label className="check">
    <input type="checkbox" checked={options[name]} onChange={(event) => (desk.choose(name, event.target.checked), onTurn?.(event.target.checked))} />
    <span>{words[`option.${name}`]}</span>
  </label>
);

export const DisplayPanel = ({ setup, columns, order, options, words, onSound }) => (
  <div className="board-choices">
    <Columns {...{ setup, columns, words }} />
    <Orders {...{ setup, order, words }} />
    <fieldset className="board-choice">
      <legend>{words.options}</legend>
      <Option name="sound" {...{ options, words }} onTurn={onSound} />
      <Option name="badge" {...{ options, words }} />
      <Option name="keys" {...{ options, words }} />
    </fieldset>
  </div>
);

const Named = ({ label, value = "", does, onDone }) => {
  const [name, setName] = useState(value);
  const done = (event) => {
    event.preventDefault();
    if (!name.trim()) return;
    onDone(name.trim());
    setName("");
  };
  return (
    <form className="board-named" onSubmit={done}>
      <label className="board-bound"><span>{label}</span><input type="text" maxLength={60} value={name} onChange={(event) => setName(event.target.value)} /></label>
      <button type="submit" className="board-tool board-tool-main">{does}</button>
    </form>
  );
};

const link = (view, name) => {
  const said = query(view, name);
  return location.origin + location.pathname + (said ? `?${said}` : "");
};

const View = ({ name, view, setup, words }) => {
  const [naming, setNaming] = useState(false);
  const told = (key) => fill(words[key], { view: name });
  if (naming) return <li><Named label={words["views.name"]} value={name} does={words["views.rename"]} onDone={(to) => (desk.rename(name, to), setNaming(false))} /></li>;
  return (
    <li>
      <button type="button" className="board-tool board-view" onClick={() => desk.look(viewOf(view, setup))}>{name}</button>
      <button type="button" className="board-link" aria-label={told("views.link.of")} onClick={() => copied(link(view, name), words["views.link.copied"], words)}>{words["views.link"]}</button>
      <button type="button" className="board-link" aria-label={told("views.rename.of")} onClick={() => setNaming(true)}>{words["views.rename"]}</button>
      <button type="button" className="board-link" aria-label={told("views.delete.of")} onClick={() => desk.drop(name)}>{words["views.delete"]}</button>
    </li>
  );
};

export const ViewsPanel = ({ setup, view, words }) => (
  <>
    <p className="field-help">{words["views.text"]}</p>
    <Named label={words["views.name"]} does={words["views.save"]} value={new URLSearchParams(location.search).get("view") ?? ""} onDone={desk.save} />
    <ul className="board-views">
      {desk.saved().map((each) => <View key={each.name} {...each} {...{ setup, words }} />)}
    </ul>
    <button type="button" className="board-link" onClick={() => copied(link(view), words["views.link.copied"], words)}>{words["views.link.now"]}</button>
  </>
);

export const HiddenPanel = ({ hidden, words }) => (
  <>
    <ul className="board-views">
      {hidden.map(({ what, key, label }) => (
        <li key={what + key}>
          <span className="chip">{words[`hidden.${what}`]}</span> <span>{label}</span>
          <button type="button" className="board-link" aria-label={fill(words["hidden.back.of"], { label })} onClick={() => desk.giveBack(what, key)}>{words["hidden.back"]}</button>
        </li>
      ))}
    </ul>
    <button type="button" className="board-tool" onClick={desk.giveAllBack}>{words["hidden.all"]}</button>
  </>
);
