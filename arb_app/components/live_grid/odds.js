// Odds in seven notations, as domain/odds_formats.py writes them; a test holds the two together.

// As Python's round and format: what lies exactly between two is rounded to the even one.
export const fixed = (value, digits) => {
  const [size, scale] = [Math.abs(value), 10 ** digits];
  const between = Number.isInteger(size * 2 ** (digits + 1)) && (size * scale) % 1 === 0.5;
  const floor = Math.floor(size * scale);
  const text = between ? ((floor + (floor % 2)) / scale).toFixed(digits) : size.toFixed(digits);
  return value < 0 ? `-${text}` : text;
};

const plain = (value) => {
  if (value >= 100) return fixed(value, 1).replace(/\.0$/, "");
  const text = fixed(value, value < 10 ? 3 : 2);
  return /\.\d\d0$/.test(text) ? text.slice(0, -1) : text;
};

const MOST = 40n;
const absolute = (value) => (value < 0n ? -value : value);

// The nearest fraction with a denominator of 40 or less, as Fraction.limit_denominator finds it.
const nearest = (profit) => {
  let [top, bottom] = [profit, 1n];
  for (; !Number.isInteger(top); top *= 2) bottom *= 2n;
  top = BigInt(top);
  if (bottom <= MOST) return [top, bottom];
  let [p0, q0, p1, q1, n, d] = [0n, 1n, 1n, 0n, top, bottom];
  for (;;) {
    const whole = n / d;
    if (q0 + whole * q1 > MOST) break;
    [p0, q0, p1, q1] = [p1, q1, p0 + whole * p1, q0 + whole * q1];
    [n, d] = [d, n - whole * d];
  }
  const more = (MOST - q0) / q1;
  const [p2, q2] = [p0 + more * p1, q0 + more * q1];
  const last = absolute(p1 * bottom - top * q1) * q2;
  return last <= absolute(p2 * bottom - top * q2) * q1 ? [p1, q1] : [p2, q2];
};

const ratio = (profit) => {
  const [top, bottom] = nearest(profit);
  return top === 0n ? `1/${Math.max(1, Number(fixed(1 / profit, 0)))}` : `${top}/${bottom}`;
};

const american = (profit) => {
  const text = fixed(100 * (profit >= 1 ? profit : -1 / profit), 0);
  return text.startsWith("-") ? text : `+${text}`;
};

const notations = {
  decimal: (profit) => plain(1 + profit),
  american,
  fractional: ratio,
  hong_kong: plain,
  malay: (profit) => fixed(profit <= 1 ? profit : -1 / profit, 3),
  indonesian: (profit) => fixed(profit >= 1 ? profit : -1 / profit, 3),
  probability: (profit) => `${fixed(100 / (1 + profit), 1)} %`,
};

export const written = (odds, notation) => (notations[notation] ?? notations.decimal)(odds - 1);
