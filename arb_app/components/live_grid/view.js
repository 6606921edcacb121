// A view: search, filters, order and columns, as it is kept and as an address says it.

export const plain = () => ({ q: "", filters: {}, sort: [], columns: null });

export const bare = (order) => order.replace(/^-/, "");

// Those of a list that have one of the names, each once.
const known = (list, names, nameOf) => {
  const texts = Array.isArray(list) ? list.filter((each) => typeof each === "string") : [];
  return texts.filter((each, place) => names.has(nameOf(each)) && texts.findIndex((one) => nameOf(one) === nameOf(each)) === place);
};

// A view as whatever was kept or passed on says, without what it cannot mean.
export const viewOf = (said, { filters, columns, sorts }) => {
  const named = (list) => new Set(list.map(({ key }) => key));
  const view = plain();
  if (typeof said?.q === "string") view.q = said.q.slice(0, 200);
  for (const { key, kind } of filters) {
    const value = meant(kind, said?.filters?.[key]);
    if (value !== undefined) view.filters[key] = value;
  }
  view.sort = known(said?.sort, named(sorts), bare);
  const chosen = known(said?.columns, named(columns), (name) => name);
  if (chosen.length > 0) view.columns = chosen;
  return view;
};

const meant = (kind, value) => {
  if (kind === "choice" || kind === "every") {
    const picked = [].concat(value ?? []).filter((each) => typeof each === "string" && each);
    return picked.length > 0 ? picked : undefined;
  }
  if (kind === "flag") return value === true || value === "1" ? true : undefined;
  if (kind === "either") return value === "yes" || value === "no" ? value : undefined;
  const number = value === "" || value == null ? NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
};

export const query = (view, name = "") => {
  const said = new URLSearchParams();
  if (view.q) said.set("q", view.q);
  for (const [key, value] of Object.entries(view.filters)) for (const each of [value].flat()) said.append(key, each === true ? "1" : each);
  if (view.sort.length) said.set("sort", view.sort.join(","));
  if (view.columns) said.set("columns", view.columns.join(","));
  if (name) said.set("view", name);
  return String(said);
};

export const asked = (search, setup) => {
  const said = new URLSearchParams(search);
  const listed = (name) => (said.has(name) ? said.get(name).split(",") : undefined);
  const filters = Object.fromEntries(setup.filters.filter(({ key }) => said.has(key)).map(({ key, kind }) => [key, kind === "choice" || kind === "every" ? said.getAll(key) : said.get(key)]));
  const view = viewOf({ q: said.get("q"), filters, sort: listed("sort"), columns: listed("columns") }, setup);
  return query(view) ? view : null;
};
