export const parties = {
  title: "Parties",
};
