/** Closes a switch over a union: adding a member without handling it no longer compiles. */
export function unreachable(value: never): never {
  throw new Error(`a case is not handled: ${JSON.stringify(value)}`);
}
