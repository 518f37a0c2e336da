/** An error's message with those of its causes. */
export function causeText(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${causeText(cause)}` : error.message;
}
