// Beside the rows: what the prices are, what was held back and why, and what an empty board rests on.
import { Link } from "react-router";
import { Legs } from "./cells.jsx";
import { board, useBoard, useSince } from "./store.js";
import { age, count, here, missed } from "./text.js";

const Reasons = ({ by }) => (
  <ul className="board-reasons">
    {by.map(({ code, label, text, count: many }) => (
      <li key={code} className="board-reason" data-testid="refusal-reason" data-code={code} title={text}>
        <strong>{count(many)}</strong> <span>{label}</span> <small>{text}</small>
      </li>
    ))}
  </ul>
);

const Objections = ({ reasons }) => (
  <ul className="board-miss-reasons">
    {reasons.map(({ code, label, text, detail }) => (
      <li key={code} data-code={code}><strong>{label}.</strong> {text} <span className="board-miss-detail">{detail}</span></li>
    ))}
  </ul>
);

const Miss = ({ row, words }) => (
  <li className="board-miss" data-testid="refused-row">
    <details>
      <summary className="board-miss-line">
        <strong className="board-miss-roi">{missed(row)}</strong>
        <span className="board-miss-event">{row.home} <span className="muted">v</span> {row.away}</span>
        <span className="board-miss-where muted">{row.market} · {row.books}</span>
        <span className="board-miss-why">
          {row.reasons.map(({ code, label }) => <span key={code} className="chip chip-warn">{label}</span>)}
        </span>
      </summary>
      <div className="board-miss-open">
        <Legs legs={row.legs} words={words} className="board-miss-legs" />
        <p className="label">{words.limit}</p>
        <Objections reasons={row.reasons} />
      </div>
    </details>
  </li>
);

const NearMisses = ({ rows, words }) => (
  <ol className="board-misses">
    {rows.map((row) => <Miss key={row.key} row={row} words={words} />)}
  </ol>
);

// What the figures say to who asks why there is nothing to see.
export const Why = ({ words }) => {
  useBoard();
  const { why, refusals } = board;
  const seconds = useSince(why?.last?.at_ms ?? null);
  if (!why) return null;
  return (
    <section className="board-why card card-pad" aria-labelledby="why-title" data-testid="why">
      <h2 id="why-title" className="section-title">{words.why_title}</h2>
      <ul>
        {[...why.told, refusals.summed].filter(Boolean).map((line) => <li key={line}>{line}</li>)}
        <li>
          {why.last ? <>{why.last.text} <Link to={here(`/board/${why.last.id}`)}>{why.last.label}</Link>{seconds === null ? "" : `, ${age(seconds)} ${words.ago}`}</> : words.why_last_none}
        </li>
      </ul>
    </section>
  );
};

export const Refused = ({ words }) => {
  useBoard();
  return (
    <section className="board-refused" aria-labelledby="refused-title">
      <h2 id="refused-title" className="section-title">{words.refused} <span className="board-count">{count(board.refused)}</span></h2>
      <p className="lede">{board.refused ? words.refused_text : words.refused_none}</p>
      <Reasons by={board.refusedBy} />
      {board.refusals.rows.length > 0 && <h3 className="board-misses-title">{words.near}</h3>}
      {board.refusals.listed && <p className="small muted board-listed">{board.refusals.listed}</p>}
      <NearMisses rows={board.refusals.rows} words={words} />
    </section>
  );
};

export const Feeding = () =>
  board.feeding.map(({ origin, text, label }) => (
    <p key={origin} className="board-origin" role="note" data-origin={origin}>
      {text} <span className="board-origin-label">{label}</span>
    </p>
  ));
