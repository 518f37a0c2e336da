import { useLanguage } from "../language.ts";

/** Which entries are wanted; empty = all. */
export interface Filter {
  readonly action_type: string;
  readonly success: string;
  /** RFC 3339 */
  readonly from: string;
  readonly to: string;
  readonly orderNo: string;
}

export const noFilter: Filter = { action_type: "", success: "", from: "", to: "", orderNo: "" };

export function LogFilter({
  filter,
  onFilter,
}: {
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
}) {
  const { words } = useLanguage();
  const { account } = words;
  const change = (part: Partial<Filter>): void => {
    onFilter({ ...filter, ...part });
  };
  return (
    <form
      class="row filter"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <label>
        {account.action}
        <select
          value={filter.action_type}
          onChange={({ currentTarget }) => {
            change({ action_type: currentTarget.value });
          }}
        >
          <option value="">{account.all}</option>
          {Object.entries(account.actions).map(([action, name]) => (
            <option key={action} value={action}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {account.outcome}
        <select
          value={filter.success}
          onChange={({ currentTarget }) => {
            change({ success: currentTarget.value });
          }}
        >
          <option value="">{account.all}</option>
          <option value="true">{words.overview.accepted}</option>
          <option value="false">{words.overview.refused}</option>
        </select>
      </label>
      {(["from", "to"] as const).map((end) => (
        <label key={end}>
          {account[end]}
          <input
            type="datetime-local"
            onChange={({ currentTarget: { value } }) => {
              change({ [end]: value === "" ? "" : new Date(value).toISOString() });
            }}
          />
        </label>
      ))}
      <label>
        {account.order}
        {/* Not given its value: the page is drawn again meanwhile, and that would take away what is half typed. */}
        <input
          spellcheck={false}
          onChange={({ currentTarget }) => {
            change({ orderNo: currentTarget.value.trim() });
          }}
        />
      </label>
    </form>
  );
}
