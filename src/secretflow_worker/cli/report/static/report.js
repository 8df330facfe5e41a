"use strict";
// Draws one report: first figures, charts, tables. All texts are set as text, never as markup.
(() => {
  const report = JSON.parse(document.getElementById("report").textContent);
  const words = {
    en: { other: "More figures", numbers: "The numbers", learns: "What others than the parties learn",
          print: "Print", light: "Light", dark: "Dark", switch: "中文", none: "no value",
          made: "Made by sfw report; this page asks no other host for anything.", party: "party" },
    zh: { other: "其他指标", numbers: "查看数据", learns: "参与方以外的人可获知的信息",
          print: "打印", light: "浅色", dark: "深色", switch: "English", none: "无值",
          made: "由 sfw report 生成；本页面不访问任何其他主机。", party: "参与方" },
  };
  let language = report.language;
  let theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  let drawn = [];

  const say = (text) => (typeof text === "string" ? text : text[language]);
  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const shown = (value) => {
    if (value === null || value === undefined) return words[language].none;
    if (typeof value !== "number") return String(value);
    if (Number.isInteger(value)) return value.toLocaleString(language);
    const size = Math.abs(value);
    if (size >= 1e7 || size < 1e-4) return value.toExponential(3);
    return value.toLocaleString(language, { maximumSignificantDigits: 5 });
  };
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function tile(headline) {
    const card = element("section", "card tile");
    card.append(element("h2", "quiet", say(headline.name)));
    card.append(element("p", "value", shown(headline.value)));
    card.append(element("p", "quiet", say(headline.meaning)));
    return card;
  }

  function table(columns, rows) {
    const scroll = element("div", "scroll");
    scroll.tabIndex = 0;
    const made = element("table");
    const head = element("tr");
    columns.forEach((name) => { const cell = element("th", "", name); cell.scope = "col"; head.append(cell); });
    const body = element("tbody");
    rows.forEach((row) => {
      const line = element("tr");
      row.forEach((value) => line.append(element("td", "", shown(value))));
      body.append(line);
    });
    made.append(element("thead"), body);
    made.tHead.append(head);
    scroll.append(made);
    return scroll;
  }

  function numbersOf(chart) {
    if (chart.kind === "heatmap") return table(["", ...chart.columns], chart.rows.map((name, at) => [name, ...chart.values[at]]));
    const shared = chart.series.every((one) => JSON.stringify(one.x) === JSON.stringify(chart.series[0].x));
    if (shared) return table([say(chart.x.name), ...chart.series.map((one) => say(one.name))],
      chart.series[0].x.map((x, at) => [x, ...chart.series.map((one) => one.y[at])]));
    const holder = element("div");
    chart.series.forEach((one) => holder.append(table([say(chart.x.name), say(one.name)], one.x.map((x, at) => [x, one.y[at]]))));
    return holder;
  }

  function axis(described, categories, fromZero) {
    const ink = { color: color("--quiet") };
    const line = { lineStyle: { color: color("--line") } };
    return {
      name: say(described.name), nameLocation: "middle", nameGap: 30, nameTextStyle: ink, axisLabel: { ...ink, hideOverlap: true },
      axisLine: line, splitLine: line, min: described.low, max: described.high,
      ...(described.kind === "category" ? { type: "category", data: categories } : { type: "value", scale: !fromZero }),
    };
  }

  function optionsOf(chart) {
    const shared = {
      color: color("--series").split(" "), textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, aria: { enabled: true },
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    };
    const ink = { color: color("--ink") };
    const tip = { backgroundColor: color("--card"), borderColor: color("--line"), textStyle: ink, confine: true };
    if (chart.kind === "heatmap") {
      const cells = chart.values.flatMap((row, y) => row.map((value, x) => [x, y, value === null ? "-" : value]));
      const names = { color: color("--quiet"), hideOverlap: true };
      return {
        ...shared, grid: { left: 8, right: 16, top: 8, bottom: 60, containLabel: true },
        tooltip: { ...tip, formatter: (at) => [chart.rows[at.value[1]], chart.columns[at.value[0]], shown(at.value[2])].map(escaped).join(" · ") },
        xAxis: { type: "category", data: chart.columns, axisLabel: { ...names, rotate: chart.columns.length > 6 ? 40 : 0 } },
        yAxis: { type: "category", data: chart.rows, inverse: true, axisLabel: names },
        visualMap: { min: chart.low, max: chart.high, calculable: true, orient: "horizontal", left: "center", bottom: 0, textStyle: ink,
          inRange: { color: chart.low < 0 ? ["#b2182b", "#f7f7f7", "#2166ac"] : ["#f7fbff", "#2166ac"] } },
        series: [{ type: "heatmap", data: cells, label: { show: chart.columns.length <= 12, formatter: (at) => shown(Math.round(at.value[2] * 100) / 100) } }],
      };
    }
    const isBar = chart.kind === "bar" || chart.kind === "histogram";
    const isCategory = chart.x.kind === "category";
    const series = chart.series.map((one) => ({
      name: say(one.name), type: isBar ? "bar" : chart.kind === "scatter" ? "scatter" : "line",
      data: isCategory ? one.y : one.x.map((x, at) => [x, one.y[at]]),
      step: chart.kind === "step" ? "end" : undefined, showSymbol: one.x.length < 30 && !one.dashed,
      symbolSize: chart.kind === "scatter" ? 6 : 5, lineStyle: { type: one.dashed ? "dashed" : "solid", width: one.dashed ? 1.5 : 2.2 },
      barCategoryGap: chart.kind === "histogram" ? "4%" : "30%", stack: chart.kind === "histogram" ? "rows" : undefined,
    }));
    return {
      ...shared, series,
      grid: { left: 42, right: 18, top: chart.series.length > 1 ? 40 : 18, bottom: 46, containLabel: true },
      legend: chart.series.length > 1 ? { top: 0, type: "scroll", textStyle: ink } : undefined,
      tooltip: { ...tip, trigger: chart.kind === "scatter" ? "item" : "axis", valueFormatter: shown },
      xAxis: { ...axis(chart.x, chart.series[0].x), splitLine: { show: false } }, yAxis: { ...axis(chart.y, undefined, isBar), nameGap: 46 },
    };
  }

  const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

  function card(chart) {
    const made = element("section", "card");
    made.append(element("h2", "", say(chart.title)));
    if (chart.note) made.append(element("p", "quiet", say(chart.note)));
    if (chart.kind === "figures") {
      made.classList.add("wide");
      made.append(table(chart.columns.map(say), chart.values));
      return made;
    }
    const place = element("div", "chart");
    if (chart.kind === "heatmap" || (chart.x.kind === "category" && chart.series[0].x.length > 24)) made.classList.add("wide");
    if (chart.kind === "heatmap") place.style.height = `${Math.min(60, Math.max(20, 6 + 1.6 * chart.rows.length))}rem`;
    const details = element("details");
    details.append(element("summary", "", words[language].numbers));
    // Made when it is asked for: a page of many charts stays light.
    details.addEventListener("toggle", () => { if (details.open && details.childElementCount === 1) details.append(numbersOf(chart)); });
    made.append(place, details);
    drawn.push({ place, chart });
    return made;
  }

  function show() {
    drawn.forEach((one) => one.instance && one.instance.dispose());
    drawn = [];
    const root = document.documentElement;
    root.lang = language === "zh" ? "zh-CN" : "en";
    root.dataset.theme = theme;
    const word = words[language];
    document.getElementById("title").textContent = say(report.title);
    document.getElementById("about").textContent = report.about.map(say).join(" · ");
    document.getElementById("footer").textContent = word.made;
    document.getElementById("language").textContent = word.switch;
    document.getElementById("theme").textContent = theme === "dark" ? word.light : word.dark;
    document.getElementById("print").textContent = word.print;
    const main = document.getElementById("main");
    main.replaceChildren();
    const tiles = element("div", "tiles");
    report.headlines.forEach((headline) => tiles.append(tile(headline)));
    const charts = element("div", "charts");
    report.charts.forEach((chart) => charts.append(card(chart)));
    if (report.charts.length === 1) charts.firstChild.classList.add("wide");
    if (report.figures.length) {
      const more = element("section", "card wide");
      more.append(element("h2", "", word.other), table(["", ""], report.figures));
      charts.append(more);
    }
    if (report.learns.length) {
      const learns = element("section", "card wide");
      const list = element("ul");
      report.learns.forEach((line) => list.append(element("li", "", line)));
      learns.append(element("h2", "", word.learns), list);
      charts.append(learns);
    }
    main.append(tiles, charts);
    drawn.forEach((one) => {
      one.instance = echarts.init(one.place, null, { renderer: "svg" });
      one.instance.setOption(optionsOf(one.chart));
    });
  }

  document.getElementById("language").onclick = () => { language = language === "en" ? "zh" : "en"; show(); };
  document.getElementById("theme").onclick = () => { theme = theme === "dark" ? "light" : "dark"; show(); };
  document.getElementById("print").onclick = () => window.print();
  addEventListener("resize", () => drawn.forEach((one) => one.instance.resize()));
  addEventListener("beforeprint", () => drawn.forEach((one) => one.instance.resize()));
  show();
})();
