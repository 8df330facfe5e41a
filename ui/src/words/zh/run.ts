export const run = {
  title: "运行",
};
