export const state = {
  PENDING: "Pending",
  QUEUED: "Queued",
  RUNNING: "Running",
  RETRY: "Will retry",
  PAUSED: "Paused",
  SUCCESS: "Success",
  FAILURE: "Failure",
  SKIPPED: "Skipped",
  CANCELLED: "Cancelled",
};
