export const problem = {
  unreachable: "The orchestrator cannot be reached",
  unreachableHint: "Check that `sfw web` is running and that your network reaches it.",
  broken: "This part of the page failed",
  brokenHint: "Load the page again. If it fails again, please report what you did last.",
  notFound: "There is nothing at this address",
  notFoundHint: "It may have been removed, or the address has a typing error.",
  toChains: "Go to the chains",
  reload: "Load again",
  faults_one: "{{count}} place to mend",
  faults_other: "{{count}} places to mend",
  incident: "Id in the log",
};
