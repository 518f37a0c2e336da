/** Names and values, a line each. */
export function Pairs({
  rows,
}: {
  readonly rows: readonly (readonly [name: string, value: string])[];
}) {
  return (
    <dl class="pairs">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
