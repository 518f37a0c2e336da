/** A metric that an expression reads. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** It is read over a stretch of time, as rates are. */
  readonly isRange: boolean;
}

export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** What an expression of Prometheus' query language reads, and by which labels it groups and joins. */
export interface Expression {
  readonly selectors: readonly Selector[];
  readonly groupings: readonly string[];
  readonly functions: readonly string[];
}

const tokenForm =
  /\s+|"(?:[^"\\]|\\.)*"|\d[\d.]*(?:ms|[smhdwy])?|[A-Za-z_:][\w:]*|\$\w+|=~|!~|!=|==|>=|<=|[-+*/%^<>=(){}[\],:]/y;
const nameForm = /^[A-Za-z_]/;
const groupingWords = new Set(["by", "without", "on", "ignoring", "group_left", "group_right"]);
const betweenWords = new Set(["and", "or", "unless", "bool"]);
const aggregations = new Set(["sum", "max", "count", "topk"]);
const functions = new Set([
  ...["absent", "changes", "histogram_quantile", "increase", "quantile_over_time"],
  ...["rate", "vector"],
]);

/**
 * Reads as much of an expression as is needed to know what it asks for.
 * @throws Error for what is none, and for functions that nobody here has used before: add them above
 */
export function readPromql(text: string): Expression {
  const tokens = tokensOf(text);
  const selectors: Selector[] = [];
  const groupings: string[] = [];
  const called: string[] = [];
  const open: string[] = [];
  let at = 0;
  const fail = (why: string): never => {
    throw new Error(`${why}, at token ${at} of ${text}`);
  };
  const take = (): string => tokens[at++] ?? fail("it ends too early");
  const expect = (wanted: string): void => {
    const found = take();
    if (found !== wanted) fail(`${wanted} expected, not ${found}`);
  };
  const takeUntil = (end: string): readonly string[] => {
    const taken: string[] = [];
    for (let token = take(); token !== end; token = take()) taken.push(token);
    return taken;
  };
  const matchers = (): readonly Matcher[] => {
    if (tokens[at] !== "{") return [];
    expect("{");
    const taken: Matcher[] = [];
    while (tokens[at] !== "}") {
      const [label, operator, quoted] = [take(), take(), take()];
      if (!nameForm.test(label) || !/^(=|!=|=~|!~)$/.test(operator) || !quoted.startsWith('"')) {
        fail("a matcher is a label, an operator and a text");
      }
      taken.push({ label, operator, value: quoted.slice(1, -1) });
      if (tokens[at] === ",") expect(",");
    }
    expect("}");
    return taken;
  };
  const range = (): boolean => {
    if (tokens[at] !== "[") return false;
    expect("[");
    return takeUntil("]").length > 0;
  };
  const word = (name: string): void => {
    const isCall = tokens[at] === "(";
    if (groupingWords.has(name)) {
      expect("(");
      groupings.push(...takeUntil(")").filter((token) => token !== ","));
    } else if (aggregations.has(name)) {
      if (!isCall && !groupingWords.has(tokens[at] ?? "")) fail(`${name} of what?`);
    } else if (isCall) {
      if (functions.has(name)) called.push(name);
      else fail(`${name} is not a known function`);
    } else if (!betweenWords.has(name)) {
      selectors.push({ metric: name, matchers: matchers(), isRange: range() });
    }
  };
  while (at < tokens.length) {
    const token = take();
    if (nameForm.test(token)) word(token);
    else if (token === "(") open.push(token);
    else if (token === ")") {
      if (open.pop() === undefined) fail("a bracket too many");
      range();
    } else if ("{}[]$".includes(token.charAt(0))) fail(`${token} stands where nothing takes it`);
  }
  if (open.length > 0) fail("a bracket is open");
  return { selectors, groupings, functions: called };
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  let from = 0;
  while (from < text.length) {
    tokenForm.lastIndex = from;
    const [token] = tokenForm.exec(text) ?? [];
    if (token === undefined) throw new Error(`no token at ${text.slice(from)}`);
    if (token.trim() !== "") tokens.push(token);
    from += token.length;
  }
  return tokens;
}
