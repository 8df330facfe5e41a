export const common = {
  product: "SecretFlow Worker",
  save: "Save",
  cancel: "Cancel",
};
