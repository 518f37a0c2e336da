type Kept<Value> = Map<string, Value>;

/**
 * Keeps what was made for each set of labels: making it costs more than counting. Labels are bounded by the routes. They
 * are looked up one by one: a name made of all of them would be a new text for each request, to be hashed first.
 */
export function childrenOf<Child>(
  make: (...labels: [string, string, string]) => Child,
): (...labels: [string, string, string?]) => Child {
  const children: Kept<Kept<Kept<Child>>> = new Map();
  return (first, second, third = "") => {
    const ofFirst = kept(children, first, newMap<Kept<Child>>);
    const ofBoth = kept(ofFirst, second, newMap<Child>);
    return ofBoth.get(third) ?? kept(ofBoth, third, () => make(first, second, third));
  };
}

function newMap<Value>(): Kept<Value> {
  return new Map();
}

function kept<Value>(values: Kept<Value>, name: string, make: () => Value): Value {
  const known = values.get(name);
  if (known !== undefined) return known;
  const made = make();
  values.set(name, made);
  return made;
}
