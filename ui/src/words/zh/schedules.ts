export const schedules = {
  title: "schedules",
};
