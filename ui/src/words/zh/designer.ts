export const designer = {
  title: "设计",
};
