export const results = {
  title: "结果",
};
