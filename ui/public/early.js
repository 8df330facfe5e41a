// Before the first paint: the theme that was chosen, so that a dark page never flashes light, and
// the language, of which the words are sent ahead.
{
  let look = {};
  try {
    look = JSON.parse(localStorage.getItem("sfw.look")) ?? {};
  } catch {
    // Storage is closed to us: the system's theme and the browser's language it is.
  }
  if (look.theme === "dark" || look.theme === "light") {
    document.documentElement.dataset.theme = look.theme;
  }
  const language =
    look.language === "en" || look.language === "zh" ? look.language : navigator.language;
  if (language.toLowerCase().startsWith("zh")) document.documentElement.lang = "zh-CN";
}
