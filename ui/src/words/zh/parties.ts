export const parties = {
  title: "参与方",
};
