import { useEffect, useState } from "preact/hooks";

/** Where the page looks, as the address says behind its `#`. */
export type Route =
  | { readonly page: "overview" | "alerts" | "cluster" }
  /** null = none is chosen yet. */
  | { readonly page: "merchant"; readonly merchant: string | null };

function routeOf(hash: string): Route {
  const [, page = "", rest = ""] = /^#\/([a-z]*)(?:\/(.*))?$/.exec(hash) ?? [];
  if (page === "merchant") return { page, merchant: rest === "" ? null : decoded(rest) };
  return { page: page === "alerts" || page === "cluster" ? page : "overview" };
}

export function hashOf(route: Route): string {
  if (route.page !== "merchant" || route.merchant === null) return `#/${route.page}`;
  return `#/merchant/${encodeURIComponent(route.merchant)}`;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  useEffect(() => {
    const follow = (): void => {
      setRoute(routeOf(location.hash));
    };
    addEventListener("hashchange", follow);
    return () => {
      removeEventListener("hashchange", follow);
    };
  }, []);
  return route;
}

/** @returns null when it is not what `hashOf` makes */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
