/** Keeps what was made for each set of labels: making it costs more than counting. Labels are bounded by the routes. */
export function childrenOf<Child>(
  make: (...labels: [string, string, string]) => Child,
): (...labels: [string, string, string?]) => Child {
  const children = new Map<string, Child>();
  return (first, second, third = "") => {
    const name = `${first} ${second} ${third}`;
    let child = children.get(name);
    if (child === undefined) {
      child = make(first, second, third);
      children.set(name, child);
    }
    return child;
  };
}
