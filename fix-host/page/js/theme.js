// Light or dark before anything is painted: what the user chose, or what his system says. A classic script on purpose.
(() => {
  const KEY = "fix-engine.theme";
  const system = matchMedia("(prefers-color-scheme: light)");
  const chosen = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const theme = () => chosen() ?? (system.matches ? "light" : "dark");
  const show = () => {
    document.documentElement.dataset.theme = theme();
    dispatchEvent(new Event("themechange"));
  };
  globalThis.fixTheme = {
    get: theme,
    toggle() {
      localStorage.setItem(KEY, theme() === "dark" ? "light" : "dark");
      show();
    },
  };
  system.addEventListener("change", show);
  show();
})();
