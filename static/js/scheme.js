// Remembers which colours a reader chose and shows them before the page is painted. Without it a choice holds for
// the page that it was made on: the switch itself is CSS.
{
  const remembered = () => {
    try {
      return localStorage.getItem("scheme");
    } catch {
      return null; // no cookies, no memory
    }
  };
  const show = (scheme = remembered() ?? "auto") => {
    document.documentElement.dataset.scheme = scheme;
    const choice = document.getElementById(`scheme-${scheme}`);
    if (choice) choice.checked = true;
    for (const colour of document.querySelectorAll("meta[name=theme-color]")) {
      const { of } = colour.dataset; // the scheme whose paper this is the colour of, for what the browser draws around
      colour.media = scheme === "auto" ? `(prefers-color-scheme: ${of})` : scheme === of ? "all" : "not all";
    }
  };
  addEventListener("change", ({ target }) => {
    if (target.name !== "scheme") return;
    try {
      localStorage.setItem("scheme", target.value);
    } catch {}
    show(target.value);
  });
  addEventListener("storage", () => show()); // chosen in another tab
  addEventListener("pageshow", () => show()); // the switch is there now; or the reader came back to this page
  show();
}
