// Light or dark: the system's choice until the reader makes one.

const dark = matchMedia("(prefers-color-scheme: dark)");

/** Lets a button toggle the theme. @param {HTMLElement} button names the theme that it leads to */
export function theme(button) {
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const show = () => {
    button.textContent = isDark() ? "Light theme" : "Dark theme";
  };

  dark.addEventListener("change", show);
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    show();
  });
  show();
}
