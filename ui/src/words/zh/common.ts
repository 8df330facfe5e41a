export const common = {
  product: "SecretFlow Worker",
  save: "保存",
  cancel: "取消",
};
