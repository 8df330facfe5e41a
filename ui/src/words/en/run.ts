export const run = {
  title: "Run",
};
