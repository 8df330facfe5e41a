export const designer = {
  title: "Designer",
};
