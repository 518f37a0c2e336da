import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { ApiFault } from "./api.ts";

/** What was asked of the service; the last answer stays while it is asked again. */
export interface Remote<T> {
  /** undefined = there was no answer yet. */
  readonly value: T | undefined;
  /** Why the last try brought nothing; null = it did, or is the first and still on its way. */
  readonly fault: ApiFault | null;
  readonly reload: () => void;
}

/**
 * Asks when it is shown, when the key changes, and again after each `everyMs` while the page is to be seen.
 * @param load undefined = nothing is asked
 * @param looks when it changes it is asked at once; what was answered stays meanwhile
 */
export function useRemote<T>(
  load: (() => Promise<T>) | undefined,
  key: string,
  everyMs: number | null = null,
  looks = 0,
): Remote<T> {
  const [state, setState] = useState<{ key: string; value?: T; fault: ApiFault | null }>({
    key,
    fault: null,
  });
  const [turn, setTurn] = useState(0);
  const asking = useRef(load);
  asking.current = load;
  const reload = useCallback(() => {
    setTurn((last) => last + 1);
  }, []);

  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      if (asking.current === undefined) return;
      try {
        const value = await asking.current();
        if (!isOver) setState({ key, value, fault: null });
      } catch (error) {
        if (!isOver) setState((last) => ({ ...last, fault: faultOf(error) }));
      }
    };
    const again = (): void => {
      if (isOver || everyMs === null) return;
      timer = setTimeout(() => {
        if (document.hidden) again();
        else void ask().then(again);
      }, everyMs);
    };
    void ask().then(again);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [key, everyMs, turn, looks]);

  const isOfKey = state.key === key;
  return { value: isOfKey ? state.value : undefined, fault: state.fault, reload };
}

function faultOf(error: unknown): ApiFault {
  return error instanceof ApiFault ? error : new ApiFault("BROKEN", String(error));
}
