export const errors = {
  title: "Error codes",
  unknown: "No page tells of {{code}}",
  unknownHint: "It may be of a plugin, or of another version. These are the codes that are known.",
  all: "All error codes",
};
