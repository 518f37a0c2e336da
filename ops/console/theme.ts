export const themes = ["auto", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const storedAs = "console-theme";

/** The theme chosen on this device; by default that of the system. */
export function chosenTheme(): Theme {
  const stored = localStorage.getItem(storedAs);
  return themes.find((theme) => theme === stored) ?? "auto";
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(storedAs, theme);
  applyTheme(theme);
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
}
