// Light or dark: the system's choice until the reader makes one.

const dark = matchMedia("(prefers-color-scheme: dark)");

/** Lets a button toggle the theme. @param {HTMLElement} button pressed while the page is dark */
export function theme(button) {
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const show = () => button.setAttribute("aria-pressed", String(isDark()));

  dark.addEventListener("change", show);
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    show();
  });
  show();
}
