// Before the first paint: the theme that was chosen, so that a dark page never flashes light.
try {
  const look = JSON.parse(localStorage.getItem("sfw.look") ?? "{}");
  if (look.theme === "dark" || look.theme === "light") {
    document.documentElement.dataset.theme = look.theme;
  }
  if (look.language === "zh") document.documentElement.lang = "zh-CN";
} catch {
  // Storage is closed to us: the system's theme it is.
}
